/* Imports something that is not there. */
__attribute__((import_module("env"), import_name("launch"))) int launch(int what);

int main(void)
{
	return launch(1);
}
