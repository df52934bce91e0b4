/*
 * Two stacks. The application's may have 2 KiB of its own and a guard page below; what we and libcrypto need is not to be taken from it, so a system
 * call goes back to the stack that stack_enter() left. System V ABI for AMD64: rbx, rbp, r12 to r15 are the caller's, and rsp is a multiple of 16
 * before a call.
 */
#include "exec/ta/ta_private.h"

/* Where our stack ends while the application runs. */
extern uintptr_t stack_host;
__attribute__((visibility("hidden"), used)) uintptr_t stack_host;

__attribute__((used)) uint32_t stack_call_here(uint32_t number, const uint64_t *argument, uintptr_t from);
uint32_t stack_call_here(uint32_t number, const uint64_t *argument, uintptr_t from)
{
	return call_serve(number, argument, from);
}

__asm__(
	"	.text\n"
	"	.globl	stack_enter\n"
	"	.hidden	stack_enter\n"
	"	.type	stack_enter, @function\n"
	"stack_enter:\n"                /* function, entry, session, params, command, top */
	"	endbr64\n"
	"	push	%rbp\n"
	"	push	%rbx\n"
	"	mov	%rsp, %rbp\n"
	"	mov	%rsp, %rax\n"
	"	and	$-16, %rax\n"
	"	mov	%rax, stack_host(%rip)\n"
	"	mov	%r9, %rsp\n"
	"	mov	%rdi, %rax\n"
	"	mov	%esi, %edi\n"
	"	mov	%edx, %esi\n"
	"	mov	%rcx, %rdx\n"
	"	mov	%r8d, %ecx\n"
	"	call	*%rax\n"
	"	mov	%rbp, %rsp\n"
	"	pop	%rbx\n"
	"	pop	%rbp\n"
	"	ret\n"
	"	.size	stack_enter, . - stack_enter\n"
	"	.globl	ta_syscall\n"
	"	.hidden	ta_syscall\n"
	"	.type	ta_syscall, @function\n"
	"ta_syscall:\n"                 /* number, arguments */
	"	endbr64\n"
	"	push	%rbp\n"
	"	mov	%rsp, %rbp\n"
	"	mov	8(%rbp), %rdx\n"
	"	mov	stack_host(%rip), %rsp\n"
	"	call	stack_call_here\n"
	"	mov	%rbp, %rsp\n"
	"	pop	%rbp\n"
	"	ret\n"
	"	.size	ta_syscall, . - ta_syscall\n");
