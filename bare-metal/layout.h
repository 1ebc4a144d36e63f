/* Constants that C and assembly share. */
#ifndef PRECEPT_LAYOUT_H
#define PRECEPT_LAYOUT_H

/* Selectors of the runner's GDT; the first two are those of the host's GDT in a case. */
#define CS64 0x08
#define DS_FLAT 0x10
#define CS32 0x18
#define CS16 0x20
#define DS16 0x28

/* A page below 64 KiB for the way into real mode, and where its data lie in it. */
#define LOW_PAGE 0x8000
#define LOW_DATA 0xE00

/* The host of a case: 64-bit mode at CPL 0 (dev.precept.generator.state.HostState). */
#define HOME_CR0 0x80010031

#endif
