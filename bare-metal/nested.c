/* Page tables that a guest's end is watched with. */
#include "case.h"

/* Nested page tables, or EPT's: 4 GiB one to one, but for the pages of SENTINEL and the handlers. */
u64 nested_pml4[512] __attribute__((aligned(4096)));
static u64 nested_pdpt[512] __attribute__((aligned(4096)));
static u64 nested_pd[4][512] __attribute__((aligned(4096)));
static u64 nested_pt[512] __attribute__((aligned(4096)));

#define ALL 7ull     /* present, writable, user; EPT: read, write, execute */
#define USED 0x60ull /* accessed, dirty: the tables never change */
#define WRITE_BACK 0x30ull
#define LARGE 0x80ull

void nested_set_up(void) {
  u64 table = cpu_vmx ? ALL : ALL | USED;
  u64 page = cpu_vmx ? ALL | WRITE_BACK : ALL | USED;
  nested_pml4[0] = (u64)nested_pdpt | table;
  for (u64 i = 0; i < 4; i++) {
    nested_pdpt[i] = (u64)nested_pd[i] | table;
    for (u64 j = 0; j < 512; j++) {
      nested_pd[i][j] = (i << 30 | j << 21) | page | LARGE;
      nested_pt[j] = j << 12 | page;
    }
  }
  nested_pd[0][0] = (u64)nested_pt | table;
  u64 absent = cpu_vmx ? EPT_NOT_PRESENT : 0;
  nested_pt[SENTINEL_PAGE >> 12] = absent;
  nested_pt[HANDLERS_PAGE >> 12] = absent;
}
