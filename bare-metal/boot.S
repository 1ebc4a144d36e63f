/*
 * Boot sector: reads the runner, which follows it on the disk, to 10000h by BIOS calls, moves it to
 * 1 MiB and jumps to it in 32-bit protected mode. Everything below 80000h is free again afterwards.
 *
 * RUNNER_SECTORS: length of the runner in 512-byte sectors (defined by build.sh).
 */
        .code16
        .globl  _start
_start:
        cli
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movw    $0x7C00, %sp
        ljmp    $0, $1f
1:      sti
        cld
        movb    %dl, drive

        movw    $RUNNER_SECTORS, %cx
read:
        movw    $64, %ax
        cmpw    %cx, %ax
        jbe     1f
        movw    %cx, %ax
1:      movw    %ax, packet_count
        pushw   %cx
        pushw   %ax
        movb    drive, %dl
        movw    $packet, %si
        movb    $0x42, %ah
        int     $0x13
        jc      failed
        popw    %ax
        popw    %cx
        subw    %ax, %cx
        addw    %ax, packet_lba
        shlw    $5, %ax                 /* sectors to paragraphs */
        addw    %ax, packet_segment
        testw   %cx, %cx
        jnz     read

        cli
        inb     $0x92, %al              /* A20, where the BIOS left it off */
        orb     $2, %al
        andb    $0xFE, %al
        outb    %al, $0x92
        lgdt    gdtr
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        ljmp    $8, $protected

failed:
        movw    $message, %si
1:      lodsb
        testb   %al, %al
        jz      2f
        movb    $0x0E, %ah
        movw    $7, %bx
        int     $0x10
        jmp     1b
2:      hlt
        jmp     2b

        .code32
protected:
        movw    $16, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movl    $0x7C00, %esp
        movl    $0x10000, %esi
        movl    $0x100000, %edi
        movl    $RUNNER_SECTORS * 128, %ecx
        rep movsl
        movl    $0x100000, %eax
        jmp     *%eax

        .balign 8
gdt:    .quad   0
        .quad   0x00CF9A000000FFFF
        .quad   0x00CF92000000FFFF
gdtr:   .word   23
        .long   gdt

packet: .byte   16, 0
packet_count:
        .word   0
        .word   0
packet_segment:
        .word   0x1000
packet_lba:
        .quad   1
drive:  .byte   0x80
message:
        .asciz  "precept: the disk cannot be read\r\n"

        .org    0x1FE
        .word   0xAA55
