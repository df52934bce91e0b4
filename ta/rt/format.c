/* printf's formats, without floating point; with OP-TEE's %pUl, a TEE_UUID. */
#include <stdio.h>

#include "ta/rt/rt.h"

struct out {
	char *at;
	size_t capacity, size;  /* size counts also what does not fit */
};

struct format {
	bool left, zero, plus, space, alternate, upper;
	int width, precision;   /* -1: none */
	unsigned bits;          /* of an integer */
};

static void put(struct out *o, char c)
{
	if (o->size + 1 < o->capacity) {
		o->at[o->size] = c;
	}
	o->size++;
}

static void fill(struct out *o, char c, int count)
{
	while (count-- > 0) {
		put(o, c);
	}
}

static void put_text(struct out *o, const struct format *f, const char *text)
{
	int size = 0;

	text = text ? text : "(null)";
	while ((f->precision < 0 || size < f->precision) && text[size]) {
		size++;
	}
	fill(o, ' ', f->left ? 0 : f->width - size);
	for (int i = 0; i < size; i++) {
		put(o, text[i]);
	}
	fill(o, ' ', f->left ? f->width - size : 0);
}

/* prefix: sign or 0x. */
static void put_number(struct out *o, const struct format *f, uint64_t number, unsigned base, const char *prefix)
{
	const char *digits = f->upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char digit[22];
	int count = 0, prefix_size = (int)rt_length(prefix);

	while (number) {
		digit[count++] = digits[number % base];
		number /= base;
	}
	int least = f->precision >= 0 ? f->precision : 1;
	if (f->zero && !f->left && f->precision < 0 && f->width - prefix_size > least) {
		least = f->width - prefix_size;
	}
	int zeros = least > count ? least - count : 0, all = prefix_size + zeros + count;
	fill(o, ' ', f->left ? 0 : f->width - all);
	while (*prefix) {
		put(o, *prefix++);
	}
	fill(o, '0', zeros);
	while (count > 0) {
		put(o, digit[--count]);
	}
	fill(o, ' ', f->left ? f->width - all : 0);
}

static void put_signed(struct out *o, const struct format *f, int64_t number)
{
	uint64_t size = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

	put_number(o, f, size, 10, number < 0 ? "-" : f->plus ? "+" : f->space ? " " : "");
}

static void put_pointer(struct out *o, const struct format *f, const char **at, const void *pointer)
{
	char uuid[40];
	size_t size = 0;

	if ((*at)[1] == 'U' && (*at)[2] == 'l') {
		*at += 2;
		if (pointer && property_print(uuid, sizeof(uuid), &size, TA_PROPERTY_UUID, pointer, sizeof(TEE_UUID))) {
			put_text(o, f, uuid);
		} else {
			put_text(o, f, NULL);
		}
		return;
	}
	put_number(o, f, (uintptr_t)pointer, 16, "0x");
}

static int number_take(const char **at, va_list *arguments)
{
	int number = 0;

	if (**at == '*') {
		(*at)++;
		return va_arg(*arguments, int);
	}
	while (**at >= '0' && **at <= '9') {
		number = number < 10000 ? number * 10 + (**at - '0') : number;
		(*at)++;
	}
	return number;
}

static void flags_take(const char **at, struct format *f)
{
	for (;; (*at)++) {
		switch (**at) {
		case '-':
			f->left = true;
			break;
		case '0':
			f->zero = true;
			break;
		case '+':
			f->plus = true;
			break;
		case ' ':
			f->space = true;
			break;
		case '#':
			f->alternate = true;
			break;
		default:
			return;
		}
	}
}

static void length_take(const char **at, struct format *f)
{
	f->bits = 8 * sizeof(int);
	for (;; (*at)++) {
		switch (**at) {
		case 'h':
			f->bits /= 2;
			break;
		case 'l':
			f->bits = f->bits == 8 * sizeof(int) && sizeof(long) > sizeof(int) ? 8 * sizeof(long) : f->bits;
			f->bits = (*at)[1] == 'l' ? 64 : f->bits;
			break;
		case 'j':
			f->bits = 64;
			break;
		case 'z':
		case 't':
			f->bits = 8 * sizeof(size_t);
			break;
		default:
			return;
		}
	}
}

static uint64_t unsigned_take(const struct format *f, va_list *arguments)
{
	uint64_t number = f->bits > 8 * sizeof(unsigned) ? va_arg(*arguments, uint64_t) : va_arg(*arguments, unsigned);

	return f->bits < 64 ? number & ((UINT64_C(1) << f->bits) - 1) : number;
}

static int64_t signed_take(const struct format *f, va_list *arguments)
{
	uint64_t number = unsigned_take(f, arguments), sign = UINT64_C(1) << (f->bits - 1);

	return (int64_t)((number ^ sign) - sign);
}

static void put_unsigned(struct out *o, const struct format *f, uint64_t number, char conversion)
{
	unsigned base = conversion == 'u' ? 10 : conversion == 'o' ? 8 : 16;
	const char *prefix = f->alternate && base == 16 && number ? (f->upper ? "0X" : "0x") : f->alternate && base == 8 && number ? "0" : "";

	put_number(o, f, number, base, prefix);
}

static void convert(struct out *o, const char **at, va_list *arguments)
{
	struct format f = { .precision = -1 };
	char c[2] = { 0 };

	flags_take(at, &f);
	f.width = number_take(at, arguments);
	if (f.width < 0) {
		f.left = true;
		f.width = -f.width;
	}
	if (**at == '.') {
		(*at)++;
		f.precision = number_take(at, arguments);
	}
	length_take(at, &f);
	f.upper = **at == 'X';
	switch (**at) {
	case 'd':
	case 'i':
		put_signed(o, &f, signed_take(&f, arguments));
		break;
	case 'u':
	case 'x':
	case 'X':
	case 'o':
		put_unsigned(o, &f, unsigned_take(&f, arguments), **at);
		break;
	case 'c':
		c[0] = (char)va_arg(*arguments, int);
		put(o, c[0]);
		break;
	case 's':
		put_text(o, &f, va_arg(*arguments, const char *));
		break;
	case 'p':
		put_pointer(o, &f, at, va_arg(*arguments, const void *));
		break;
	case 0:
		(*at)--;
		break;
	default:
		put(o, **at);
	}
}

int vsnprintf(char *out, size_t size, const char *format, va_list arguments)
{
	struct out o = { out, size, 0 };
	va_list rest;

	va_copy(rest, arguments);
	for (; *format; format++) {
		if (*format == '%') {
			format++;
			convert(&o, &format, &rest);
		} else {
			put(&o, *format);
		}
	}
	va_end(rest);
	if (size > 0) {
		out[o.size < size ? o.size : size - 1] = 0;
	}
	return o.size > INT32_MAX ? INT32_MAX : (int)o.size;
}

int snprintf(char *out, size_t size, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	int made = vsnprintf(out, size, format, arguments);
	va_end(arguments);
	return made;
}
