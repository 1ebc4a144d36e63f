/*
 * Into a case outside any guest and back. The way in ends with IRET or a far jump into the case's
 * mode; SENTINEL and the exception handlers, whose pages hold the code below while such a case runs,
 * are the way back. Outside 64-bit mode they know nothing but SS (base 10000h; 0 in a handler that
 * virtual-8086 mode has left), and save through it without touching the case's stack.
 */
#include "layout.h"
#include "native.h"

/* Register n of struct live_set, live_got; numbers as in protocol.h. */
#define REG(n) 8*(n)
#define RIP 16
#define RFLAGS 17
#define CR0 18
#define CR2 19
#define CR3 20
#define CR4 21
#define DR7 28
#define EFER 29
#define ES 31
#define CS 35
#define SS 39
#define DS 43
#define FS 47
#define GS 51

        .text
        .code64
/* void native_run(void) */
        .globl  native_run
native_run:
        pushq   %rbx
        pushq   %rbp
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        movq    %rsp, native_rsp
        cmpl    $4, native_mode         /* MODE_COMPAT, MODE_LONG64 */
        jb      to_legacy

        movl    $0xC0000080, %ecx
        movl    live_set+REG(EFER), %eax
        xorl    %edx, %edx
        wrmsr
        movq    live_set+REG(CR4), %rax
        movq    %rax, %cr4
        movq    live_set+REG(CR3), %rax
        movq    %rax, %cr3
        movq    live_set+REG(CR0), %rax
        movq    %rax, %cr0
        lgdt    native_gdtr
        lidt    native_idtr
        movl    live_set+REG(ES), %eax
        movl    %eax, %es
        movl    live_set+REG(DS), %eax
        movl    %eax, %ds
        cmpl    $0, cpu_svm
        jne     1f
        call    no_svm_segments64
1:      movq    live_set+REG(DR7), %rax
        movq    %rax, %dr7
        pushq   live_set+REG(SS)
        pushq   live_set+REG(4)
        pushq   live_set+REG(RFLAGS)
        pushq   live_set+REG(CS)
        pushq   live_set+REG(RIP)
        movq    live_set+REG(0), %rax
        movq    live_set+REG(1), %rcx
        movq    live_set+REG(2), %rdx
        movq    live_set+REG(3), %rbx
        movq    live_set+REG(5), %rbp
        movq    live_set+REG(6), %rsi
        movq    live_set+REG(7), %rdi
        movq    live_set+REG(8), %r8
        movq    live_set+REG(9), %r9
        movq    live_set+REG(10), %r10
        movq    live_set+REG(11), %r11
        movq    live_set+REG(12), %r12
        movq    live_set+REG(13), %r13
        movq    live_set+REG(14), %r14
        movq    live_set+REG(15), %r15
        iretq

/* Without VMLOAD: FS, GS, LDTR and TR from the case's GDT, the bases of FS and GS by MSR. */
no_svm_segments64:
        movl    live_set+REG(FS), %eax
        movl    %eax, %fs
        movl    live_set+REG(GS), %eax
        movl    %eax, %gs
        movl    live_set+REG(FS+8), %eax /* LDTR */
        lldt    %ax
        movl    live_set+REG(FS+12), %eax /* TR */
        ltr     %ax
        cmpl    $5, native_mode         /* MODE_LONG64 */
        jne     1f
        movl    $0xC0000100, %ecx
        movl    live_set+REG(FS+3), %eax
        movl    live_set+REG(FS+3)+4, %edx
        wrmsr
        incl    %ecx
        movl    live_set+REG(GS+3), %eax
        movl    live_set+REG(GS+3)+4, %edx
        wrmsr
1:      ret

to_legacy:
        lgdt    runner_gdtr
        movq    live_set+REG(8), %r8
        movq    live_set+REG(9), %r9
        movq    live_set+REG(10), %r10
        movq    live_set+REG(11), %r11
        movq    live_set+REG(12), %r12
        movq    live_set+REG(13), %r13
        movq    live_set+REG(14), %r14
        movq    live_set+REG(15), %r15
        ljmpl   *1f
        .section .rodata
1:      .long   legacy32, CS32
        .text
        .code32
legacy32:
        movl    $DS_FLAT, %eax
        movl    %eax, %ss
        movl    %eax, %ds
        movl    %eax, %es
        /* Below 64 KiB: IRET into a 16-bit stack segment leaves ESP[31:16] as they are. */
        movl    $LOW_PAGE + 0xFF0, %esp
        movl    %cr0, %eax
        andl    $0x7FFFFFFF, %eax
        movl    %eax, %cr0              /* long mode ends */
        movl    $0xC0000080, %ecx
        movl    live_set+REG(EFER), %eax
        xorl    %edx, %edx
        wrmsr
        movl    live_set+REG(CR4), %eax
        movl    %eax, %cr4
        movl    live_set+REG(CR3), %eax
        movl    %eax, %cr3
        movl    live_set+REG(DR7), %eax
        cmpl    $0, native_mode         /* MODE_REAL */
        je      to_real
        movl    %eax, native_dr7
        movl    live_set+REG(CR0), %eax
        movl    %eax, %cr0
        lgdt    native_gdtr
        lidt    native_idtr
        cmpl    $1, native_mode         /* MODE_V86 */
        je      1f
        movl    live_set+REG(ES), %eax
        movl    %eax, %es
        cmpl    $0, cpu_svm
        jne     2f
        movl    live_set+REG(FS), %eax
        movl    %eax, %fs
        movl    live_set+REG(GS), %eax
        movl    %eax, %gs
1:      cmpl    $0, cpu_svm
        jne     2f
        movl    live_set+REG(FS+8), %eax
        lldt    %ax
        movl    live_set+REG(FS+12), %eax
        ltr     %ax
2:      movl    native_dr7, %eax
        movl    %eax, %dr7
        cmpl    $1, native_mode
        je      3f
        testl   $3, live_set+REG(CS)
        jnz     4f

        /* CPL 0: IRET would not load SS:ESP. */
        pushl   live_set+REG(RFLAGS)
        movl    live_set+REG(DS), %eax
        movl    %eax, %ds
        popfl
        movl    %cs:live_set+REG(0), %eax
        movl    %cs:live_set+REG(1), %ecx
        movl    %cs:live_set+REG(2), %edx
        movl    %cs:live_set+REG(3), %ebx
        movl    %cs:live_set+REG(5), %ebp
        movl    %cs:live_set+REG(6), %esi
        movl    %cs:live_set+REG(7), %edi
        lssl    %cs:native_stack, %esp
        ljmpl   *%cs:native_entry

3:      pushl   live_set+REG(GS)
        pushl   live_set+REG(FS)
        pushl   live_set+REG(DS)
        pushl   live_set+REG(ES)
4:      pushl   live_set+REG(SS)
        pushl   live_set+REG(4)
        pushl   live_set+REG(RFLAGS)
        pushl   live_set+REG(CS)
        pushl   live_set+REG(RIP)
        cmpl    $1, native_mode
        je      5f
        movl    live_set+REG(DS), %eax
        movl    %eax, %ds
5:      movl    %cs:live_set+REG(0), %eax
        movl    %cs:live_set+REG(1), %ecx
        movl    %cs:live_set+REG(2), %edx
        movl    %cs:live_set+REG(3), %ebx
        movl    %cs:live_set+REG(5), %ebp
        movl    %cs:live_set+REG(6), %esi
        movl    %cs:live_set+REG(7), %edi
        iretl

to_real:
        movl    %eax, %dr7
        ljmpl   $CS16, $(real_code - low_page)

/* A page at LOW_PAGE, reached by CS16 and in real mode. native.c fills in its data. */
        .section .rodata
        .globl  low_page, low_page_end
        .code16
low_page:
real_code:
        movw    $DS16, %ax              /* limits of 64 KiB, which real mode keeps */
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        lgdtl   LOW_PAGE + LOW_DATA + 0x40
        lidtl   LOW_PAGE + LOW_DATA + 0x50
        movl    LOW_PAGE + LOW_DATA + 0x60, %eax
        movl    %eax, %cr0
        ljmp    $(LOW_PAGE >> 4), $(1f - low_page)
1:      xorw    %ax, %ax
        movw    %ax, %ss
        movl    $LOW_PAGE + 0xFF0, %esp
        movw    %cs:LOW_DATA + 0x70, %es
        movw    %cs:LOW_DATA + 0x72, %ds
        cmpl    $0, %cs:LOW_DATA + 0x78
        je      2f
        movw    %cs:LOW_DATA + 0x74, %fs
        movw    %cs:LOW_DATA + 0x76, %gs
2:      pushl   %cs:LOW_DATA + 0x64
        popfl
        movl    %cs:LOW_DATA + 0, %eax
        movl    %cs:LOW_DATA + 4, %ecx
        movl    %cs:LOW_DATA + 8, %edx
        movl    %cs:LOW_DATA + 12, %ebx
        movl    %cs:LOW_DATA + 20, %ebp
        movl    %cs:LOW_DATA + 24, %esi
        movl    %cs:LOW_DATA + 28, %edi
        lssl    %cs:LOW_DATA + 0x80, %esp
        ljmpl   *%cs:LOW_DATA + 0x88
low_page_end:

/*
 * Saves through SS, in code of 16 or 32 bits. base: what a slot's address is lessened by.
 */
        .macro  SAVE_REGISTERS base
        movl    %eax, %ss:SLOT(0) - \base
        movl    %ecx, %ss:SLOT(1) - \base
        movl    %edx, %ss:SLOT(2) - \base
        movl    %ebx, %ss:SLOT(3) - \base
        movl    %esp, %ss:SLOT(4) - \base
        movl    %ebp, %ss:SLOT(5) - \base
        movl    %esi, %ss:SLOT(6) - \base
        movl    %edi, %ss:SLOT(7) - \base
        movl    %cs, %eax
        movl    %eax, %ss:SLOT(SLOT_CS) - \base
        movl    %ss, %eax
        movl    %eax, %ss:SLOT(SLOT_SS) - \base
        movl    %ds, %eax
        movl    %eax, %ss:SLOT(SLOT_DS) - \base
        movl    %es, %eax
        movl    %eax, %ss:SLOT(SLOT_ES) - \base
        movl    %fs, %eax
        movl    %eax, %ss:SLOT(SLOT_FS) - \base
        movl    %gs, %eax
        movl    %eax, %ss:SLOT(SLOT_GS) - \base
        .endm

        /* No instruction before it may touch the flags. */
        .macro  SAVE_FLAGS base
        pushfl
        popl    %ss:SLOT(SLOT_FLAGS) - \base
        .endm

        .macro  SAVE_TABLES_AND_LEAVE base
        movl    %cr0, %eax
        movl    %eax, %ss:SLOT(SLOT_CR0) - \base
        sgdtl   %ss:SLOT(SLOT_GDTR) - \base
        sidtl   %ss:SLOT(SLOT_IDTR) - \base
        lgdtl   %ss:RUNNER_GDTR_AT - \base
        testb   $1, %al
        jnz     1f
        orb     $1, %al
        movl    %eax, %cr0
1:      ljmpl   $CS32, $arrive32
        .endm

        /* At CPL 1 to 3: the next exception's stack, old value into a slot, then that exception. */
        .macro  UD_TO_SCRATCH base, field, stack
        movl    %ss:\field - \base, %eax
        movl    %eax, %ss:SLOT(SLOT_TSS) - \base
        movl    %ss:\field + 4 - \base, %eax
        movl    %eax, %ss:SLOT(SLOT_TSS) + 4 - \base
        movl    $\stack, %ss:\field - \base
        movl    $CAME_BY_UD, %ss:SLOT(SLOT_MARKER) - \base
        ud2
        .endm

        .macro  SENTINEL_INNER
        SAVE_REGISTERS 0x10000
        movl    $CAME_DIRECTLY, %ss:SLOT(SLOT_MARKER) - 0x10000
        movl    $SCRATCH_STACK - 0x10000, %esp
        SAVE_FLAGS 0x10000
        SAVE_TABLES_AND_LEAVE 0x10000
        .endm

        .macro  SENTINEL_OUTER field, stack
        SAVE_REGISTERS 0x10000
        UD_TO_SCRATCH 0x10000, \field, \stack
        .endm

        .macro  HANDLER_CODE base
        movzbl  %al, %eax
        movl    %eax, %ss:SLOT(SLOT_VECTOR) - \base
        movl    %esp, %ss:SLOT(SLOT_FRAME) - \base
        movl    $HANDLER_STACK - \base, %esp
        pushfl
        cmpl    $CAME_BY_UD, %ss:SLOT(SLOT_MARKER) - \base
        je      9f
        movl    $CAME_BY_HANDLER, %ss:SLOT(SLOT_MARKER) - \base
        popl    %ss:SLOT(SLOT_FLAGS) - \base
        movl    %ss:SLOT(SLOT_HANDLER_EAX) - \base, %eax
        movl    %ss:SLOT(SLOT_FRAME) - \base, %esp
        SAVE_REGISTERS \base
9:      SAVE_TABLES_AND_LEAVE \base
        .endm

        .macro  BLOB name
        .globl  \name, \name\()_end
        .balign 8
\name:
        .endm

/* For SENTINEL: at CPL 0, and at CPL 1 to 3. */
        BLOB    sentinel_real
        .code16
        SENTINEL_INNER
sentinel_real_end:

        BLOB    sentinel_v86
        SENTINEL_OUTER TSS_STACK0, SCRATCH_STACK
sentinel_v86_end:

        BLOB    sentinel_prot16
        SENTINEL_INNER
sentinel_prot16_end:

        BLOB    sentinel_prot16_outer
        SENTINEL_OUTER TSS_STACK0, OFFSET(SCRATCH_STACK)
sentinel_prot16_outer_end:

        BLOB    sentinel_prot32
        .code32
        SENTINEL_INNER
sentinel_prot32_end:

        BLOB    sentinel_prot32_outer
        SENTINEL_OUTER TSS_STACK0, OFFSET(SCRATCH_STACK)
sentinel_prot32_outer_end:

        BLOB    sentinel_compat_outer
        SENTINEL_OUTER TSS_IST1, SCRATCH_STACK
sentinel_compat_outer_end:

        BLOB    sentinel_long64
        .code64
        movq    %rax, live_got+REG(0)
        movq    $sentinel64, %rax
        jmp     *%rax
sentinel_long64_end:

        BLOB    sentinel_long64_outer
        movq    %rax, live_got+REG(0)
        movq    $sentinel64_outer, %rax
        jmp     *%rax
sentinel_long64_outer_end:

/* For HANDLER_CODE_AT. */
        BLOB    handler_real
        .code16
        HANDLER_CODE 0x10000
handler_real_end:

        BLOB    handler_v86
        .code32
        HANDLER_CODE 0
handler_v86_end:

        BLOB    handler_legacy
        HANDLER_CODE 0x10000
handler_legacy_end:

        .text
        .code64
        .macro  SAVE_SELECTOR segment, reg
        movl    %\segment, %eax
        movq    %rax, live_got+REG(\reg)
        .endm
        .macro  SAVE_REGISTERS64
        movq    %rcx, live_got+REG(1)
        movq    %rdx, live_got+REG(2)
        movq    %rbx, live_got+REG(3)
        movq    %rsp, live_got+REG(4)
        movq    %rbp, live_got+REG(5)
        movq    %rsi, live_got+REG(6)
        movq    %rdi, live_got+REG(7)
        movq    %r8, live_got+REG(8)
        movq    %r9, live_got+REG(9)
        movq    %r10, live_got+REG(10)
        movq    %r11, live_got+REG(11)
        movq    %r12, live_got+REG(12)
        movq    %r13, live_got+REG(13)
        movq    %r14, live_got+REG(14)
        movq    %r15, live_got+REG(15)
        SAVE_SELECTOR cs, CS
        SAVE_SELECTOR ss, SS
        SAVE_SELECTOR ds, DS
        SAVE_SELECTOR es, ES
        SAVE_SELECTOR fs, FS
        SAVE_SELECTOR gs, GS
        .endm

/* SENTINEL in 64-bit mode; rAX is saved. */
sentinel64:
        SAVE_REGISTERS64
        movl    $CAME_DIRECTLY, SLOT(SLOT_MARKER)
        movq    $native_stack_top, %rsp
        pushfq
        popq    live_got+REG(RFLAGS)
        jmp     arrive64

/* The same at CPL 1 to 3. */
sentinel64_outer:
        SAVE_REGISTERS64
        movq    TSS_STACK0, %rax
        movq    %rax, SLOT(SLOT_TSS)
        movq    $SCRATCH_STACK, TSS_STACK0
        movl    $CAME_BY_UD, SLOT(SLOT_MARKER)
        ud2

/* A handler in long mode; its stub has saved rAX and put the vector into AL. */
        .globl  handler64
handler64:
        movzbl  %al, %eax
        movl    %eax, SLOT(SLOT_VECTOR)
        movq    %rsp, SLOT(SLOT_FRAME)
        movq    $native_stack_top, %rsp
        pushfq
        cmpl    $CAME_BY_UD, SLOT(SLOT_MARKER)
        je      arrive64
        movl    $CAME_BY_HANDLER, SLOT(SLOT_MARKER)
        popq    live_got+REG(RFLAGS)
        movq    SLOT(SLOT_HANDLER_EAX), %rax
        movq    %rax, live_got+REG(0)
        SAVE_REGISTERS64
        movq    SLOT(SLOT_FRAME), %rax
        movq    %rax, live_got+REG(4)
        jmp     arrive64

/* From code of 16 or 32 bits, with the runner's GDT. */
        .code32
arrive32:
        movl    $DS_FLAT, %eax
        movl    %eax, %ds
        movl    %eax, %ss
        movl    %eax, %es
        movl    $native_stack_top, %esp
        movl    %cr2, %eax
        movl    %eax, live_got+REG(CR2)
        movl    %cr3, %eax
        movl    %eax, live_got+REG(CR3)
        movl    %cr4, %eax
        movl    %eax, live_got+REG(CR4)
        movl    $0xC0000080, %ecx
        rdmsr
        movl    %eax, live_got+REG(EFER)
        movl    %edx, live_got+REG(EFER)+4
        testl   $0x400, %eax
        jnz     1f
        cmpl    $0, native_vmxon
        je      3f
        cmpl    $CAME_DIRECTLY, SLOT(SLOT_MARKER)
        jne     3f
        testl   $0x41, SLOT(SLOT_FLAGS) /* CF, ZF: VMfail */
        jnz     3f
        vmxoff
3:      movl    %cr0, %eax
        andl    $0x7FFFFFFF, %eax
        movl    %eax, %cr0
        movl    home_cr4, %eax
        movl    %eax, %cr4
        movl    $runner_pml4, %eax
        movl    %eax, %cr3
        movl    home_efer, %eax
        andl    $0xFFFFFBFF, %eax       /* LMA comes with paging */
        xorl    %edx, %edx
        wrmsr
        cmpl    $0, cpu_svm
        je      2f
        /* Long mode cannot be entered with a TR that the case has spoilt: saved, and a good one. */
        movl    $native_segments, %eax
        .byte   0x0F, 0x01, 0xDB        /* VMSAVE */
        movl    $1, native_segments_saved
        movl    $home_segments, %eax
        .byte   0x0F, 0x01, 0xDA        /* VMLOAD */
2:      movl    $HOME_CR0, %eax
        movl    %eax, %cr0
1:      ljmpl   $CS64, $1f
        .code64
1:      movq    %r8, live_got+REG(8)
        movq    %r9, live_got+REG(9)
        movq    %r10, live_got+REG(10)
        movq    %r11, live_got+REG(11)
        movq    %r12, live_got+REG(12)
        movq    %r13, live_got+REG(13)
        movq    %r14, live_got+REG(14)
        movq    %r15, live_got+REG(15)
        jmp     home

arrive64:
        movq    %r8, live_got+REG(8)
        movq    %r9, live_got+REG(9)
        movq    %r10, live_got+REG(10)
        movq    %r11, live_got+REG(11)
        movq    %r12, live_got+REG(12)
        movq    %r13, live_got+REG(13)
        movq    %r14, live_got+REG(14)
        movq    %r15, live_got+REG(15)
        movq    %cr0, %rax
        movq    %rax, SLOT(SLOT_CR0)
        movq    %cr2, %rax
        movq    %rax, live_got+REG(CR2)
        movq    %cr3, %rax
        movq    %rax, live_got+REG(CR3)
        movq    %cr4, %rax
        movq    %rax, live_got+REG(CR4)
        movl    $0xC0000080, %ecx
        rdmsr
        movl    %eax, live_got+REG(EFER)
        movl    %edx, live_got+REG(EFER)+4
        sgdt    SLOT(SLOT_GDTR)
        sidt    SLOT(SLOT_IDTR)

home:
        movl    $HOME_CR0, %eax
        movq    %rax, %cr0
        movl    home_cr3, %eax
        movq    %rax, %cr3
        movl    home_cr4, %eax
        movq    %rax, %cr4
        movl    $0xC0000080, %ecx
        movl    home_efer, %eax
        xorl    %edx, %edx
        wrmsr
        lgdt    home_gdtr
        lidt    home_idtr
        movl    $DS_FLAT, %eax
        movl    %eax, %ss
        movl    %eax, %ds
        movl    %eax, %es
        movq    native_rsp, %rsp
        pushq   $CS64
        pushq   $1f
        lretq
1:      pushq   $2
        popfq
        popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbp
        popq    %rbx
        ret

        .bss
        .balign 16
        .globl  native_mode, native_gdtr, native_idtr, native_stack, native_entry, home_efer, home_cr3
native_rsp:
        .quad   0
native_mode:
        .long   0
native_dr7:
        .long   0
        .globl  native_vmxon
native_vmxon:
        .long   0
        .long   0
native_gdtr:
        .skip   16
native_idtr:
        .skip   16
native_stack:
        .quad   0
native_entry:
        .quad   0
home_efer:
        .quad   0
home_cr3:
        .quad   0
        .skip   4096
native_stack_top:
