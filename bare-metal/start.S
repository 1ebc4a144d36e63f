/*
 * From the boot sector's 32-bit mode to 64-bit mode and C; the runner's own GDT, page tables and
 * exception stubs.
 */
#include "layout.h"

        .section .start, "ax"
        .code32
        .globl  start32
start32:
        movl    $boot_stack_top, %esp
        movl    $image_end, %edi
        movl    $bss_end, %ecx
        subl    %edi, %ecx
        xorl    %eax, %eax
        cld
        rep stosb

        /* 4 GiB, one to one, in pages of 2 MiB. */
        movl    $runner_pml4, %edi
        movl    $runner_pdpt + 3, (%edi)
        movl    $runner_pdpt, %edi
        movl    $runner_pd + 3, %eax
        movl    $4, %ecx
1:      movl    %eax, (%edi)
        addl    $8, %edi
        addl    $0x1000, %eax
        loop    1b
        movl    $runner_pd, %edi
        movl    $0x83, %eax
        movl    $2048, %ecx
1:      movl    %eax, (%edi)
        addl    $8, %edi
        addl    $0x200000, %eax
        loop    1b

        lgdt    runner_gdtr
        movl    $0x20, %eax
        movl    %eax, %cr4
        movl    $runner_pml4, %eax
        movl    %eax, %cr3
        movl    $0xC0000080, %ecx
        rdmsr
        orl     $0x100, %eax
        wrmsr
        movl    $0x80010031, %eax
        movl    %eax, %cr0
        ljmp    $CS64, $1f
        .code64
1:      movl    $DS_FLAT, %eax
        movl    %eax, %ds
        movl    %eax, %es
        movl    %eax, %ss
        movl    %eax, %fs
        movl    %eax, %gs
        call    runner_main
2:      hlt
        jmp     2b

/* Exceptions and interrupts 0 to 47. */
        .text
        .globl  trap_stubs
        .balign 16
trap_stubs:
        vector = 0
        .rept   48
        .balign 16
        .if     (vector == 8) || (vector >= 10 && vector <= 14) || (vector == 17) || (vector == 21) || (vector == 29) || (vector == 30)
        .else
        pushq   $0
        .endif
        pushq   $vector
        jmp     trap_common
        vector = vector + 1
        .endr

trap_common:
        pushq   %rax
        pushq   %rcx
        pushq   %rdx
        pushq   %rbx
        pushq   %rbp
        pushq   %rsi
        pushq   %rdi
        pushq   %r8
        pushq   %r9
        pushq   %r10
        pushq   %r11
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        cld
        movq    %rsp, %rdi
        call    trap
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %r11
        popq    %r10
        popq    %r9
        popq    %r8
        popq    %rdi
        popq    %rsi
        popq    %rbp
        popq    %rbx
        popq    %rdx
        popq    %rcx
        popq    %rax
        addq    $16, %rsp
        iretq

/*
 * NMI. With nmi_keep set it goes back without IRET, so that NMIs stay blocked.
 */
        .globl  nmi_stub
nmi_stub:
        incl    nmi_seen
        cmpl    $0, nmi_keep
        jne     1f
        iretq
1:      movl    $0, nmi_keep
        movq    %rax, nmi_rax
        movq    (%rsp), %rax
        movq    %rax, nmi_rip
        pushq   16(%rsp)
        popfq
        movq    24(%rsp), %rsp
        movq    nmi_rax, %rax
        jmp     *nmi_rip

/* Ends NMI blocking: an IRET to the next instruction. */
        .globl  nmi_unblock
nmi_unblock:
        popq    %rdx
        movq    %rsp, %rax
        pushq   $DS_FLAT
        pushq   %rax
        pushfq
        pushq   $CS64
        pushq   %rdx
        iretq

        .section .rodata
        .balign 8
        .globl  runner_gdt, runner_gdtr
runner_gdt:
        .quad   0
        .quad   0x00AF9B000000FFFF      /* CS64 */
        .quad   0x00CF93000000FFFF      /* DS_FLAT */
        .quad   0x00CF9B000000FFFF      /* CS32 */
        .quad   0x00009B000000FFFF | (LOW_PAGE << 16)   /* CS16 */
        .quad   0x000093000000FFFF      /* DS16 */
runner_gdtr:
        .word   runner_gdtr - runner_gdt - 1
        .quad   runner_gdt

        .bss
        .balign 4096
        .globl  runner_pml4, runner_pdpt, runner_pd
runner_pml4:
        .skip   4096
runner_pdpt:
        .skip   4096
runner_pd:
        .skip   4 * 4096
        .skip   16384
        .globl  boot_stack_top
boot_stack_top:
        .globl  nmi_seen, nmi_keep
nmi_seen:
        .long   0
nmi_keep:
        .long   0
nmi_rax:
        .quad   0
nmi_rip:
        .quad   0
