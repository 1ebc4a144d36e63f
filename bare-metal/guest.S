/*
 * Into a guest and back. The host's code is in the case's memory, VMLOAD and VMRUN, or VMLAUNCH, at
 * HOST_CODE; where it goes on after an exit memory.c puts a jump to guest_exited, and one to
 * guest_refused behind VMLAUNCH.
 */
#include "layout.h"

        .text
/* u32 guest_enter(u64 rax) */
        .globl  guest_enter
guest_enter:
        pushq   %rbx
        pushq   %rbp
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        movq    $guest_faulted, trap_recover
        movq    %rdi, %rax
        movq    live_set+8*1, %rcx
        movq    live_set+8*2, %rdx
        movq    live_set+8*3, %rbx
        movq    live_set+8*5, %rbp
        movq    live_set+8*6, %rsi
        movq    live_set+8*7, %rdi
        movq    live_set+8*8, %r8
        movq    live_set+8*9, %r9
        movq    live_set+8*10, %r10
        movq    live_set+8*11, %r11
        movq    live_set+8*12, %r12
        movq    live_set+8*13, %r13
        movq    live_set+8*14, %r14
        movq    live_set+8*15, %r15
        pushq   $2
        popfq
        movq    %rsp, guest_rsp
        movl    $0x41800, %esp          /* the host's stack */
        movl    $0x40000, guest_code
        jmp     *guest_code

        .globl  guest_exited
guest_exited:
        movq    %rax, live_got+8*0
        movq    %rcx, live_got+8*1
        movq    %rdx, live_got+8*2
        movq    %rbx, live_got+8*3
        movq    %rsp, live_got+8*4
        movq    %rbp, live_got+8*5
        movq    %rsi, live_got+8*6
        movq    %rdi, live_got+8*7
        movq    %r8, live_got+8*8
        movq    %r9, live_got+8*9
        movq    %r10, live_got+8*10
        movq    %r11, live_got+8*11
        movq    %r12, live_got+8*12
        movq    %r13, live_got+8*13
        movq    %r14, live_got+8*14
        movq    %r15, live_got+8*15
        movq    guest_rsp, %rsp
        pushfq
        popq    live_got+8*17
        pushq   $2
        popfq
        xorl    %eax, %eax
guest_out:
        movq    $0, trap_recover
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbp
        popq    %rbx
        ret

        .globl  guest_refused
guest_refused:
        movq    guest_rsp, %rsp
        movl    $0x1000, %eax           /* ENTER_REFUSED */
        jmp     guest_out

guest_faulted:
        movq    guest_rsp, %rsp
        movl    trap_vector, %eax
        incl    %eax
        jmp     guest_out

        .bss
        .balign 8
guest_rsp:
        .quad   0
guest_code:
        .quad   0
