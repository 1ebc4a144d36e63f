/*
 * A case's memory, 10000h to 7FFFFh, in three places: where the case runs, a copy as the case begins
 * with it, and the base image. What differs between the first two is a change; the base undoes a
 * case's patches.
 *
 * In every base image the runner puts something of its own into pages that only the host uses: its
 * VMRUN with a jump behind it, gates in the host's IDT, and a mapping of the memory above 2 MiB.
 */
#include "runner.h"

u32 memory_in_use = ~0u;

extern const char guest_exited[], guest_refused[];
extern u64 runner_pd[];


/* VMLOAD, VMRUN, and behind them the jump; VMLAUNCH, a jump behind it, and one at HOST_EXIT. */
static const u8 svm_entry[] = {0x0F, 0x01, 0xDA, 0x0F, 0x01, 0xD8}, vmx_entry[] = {0x0F, 0x01, 0xC2};

static void put_jump(u64 from, const char *to, u64 offset) {
  u8 *jump = (u8 *)at(from + offset);
  u32 distance = (u32)((u64)to - (from + 5));
  jump[0] = 0xE9;
  for (u32 i = 0; i < 4; i++) {
    jump[1 + i] = (u8)(distance >> 8 * i);
  }
}

static void put_host_code(u64 offset) {
  const u8 *entry = cpu_vmx ? vmx_entry : svm_entry;
  u32 bytes = cpu_vmx ? sizeof vmx_entry : sizeof svm_entry;
  u8 *to = (u8 *)at(HOST_CODE + offset);
  for (u32 i = 0; i < bytes; i++) {
    to[i] = entry[i];
  }
  put_jump(HOST_CODE + bytes, cpu_vmx ? guest_refused : guest_exited, offset);
  if (cpu_vmx) {
    put_jump(HOST_EXIT, guest_exited, offset);
  }
}

void memory_base(u32 number, const void *bytes) {
  if (number >= BASES_MAX) {
    die("a base image beyond the last: number", number, 0);
  }
  u64 offset = BASES_AT + (u64)number * BASE_STRIDE;
  u64 *to = at(CASE_START + offset);
  const u64 *from = bytes;
  for (u32 i = 0; i < (CASE_END - CASE_START) / 8; i++) {
    to[i] = from[i];
  }
  put_host_code(offset);
  trap_fill_idt(at(HOST_IDT + offset));
  /* 1 GiB of memory and, from 3 GiB on, the APICs; PWT and PCD stay clear, as in the entry there is. */
  u64 *pd = at(HOST_PD + offset);
  for (u64 i = 1; i < 512; i++) {
    pd[i] = i << 21 | 0xE3;
  }
  at(HOST_PDPT + offset)[3] = (u64)runner_pd + 3 * 0x1000 + 0x23;
  /* The alarm's handler: a NOP first, because Bochs knows rIP again only behind an instruction. */
  *at(HANDLERS_PAGE + 16 * 2 + offset) = 0xFEEB0B0F90;
  /* Where a task switch that completes goes on: as behind the instruction under test. */
  if (*at(CASE_START + offset) == 0) {
    *at(CASE_START + offset) = 0xFEEB0B0F; /* UD2; JMP to itself */
  }
  if (memory_in_use == number) {
    memory_in_use = ~0u;
  }
}

void memory_use(u32 number) {
  if (memory_in_use == number) {
    return;
  }
  memory_in_use = number;
  for (u64 page = CASE_START; page < CASE_END; page += 0x1000) {
    if (cpu_vmx && vmx_region(page)) {
      vmx_region_word((u32)page, 0);
      continue;
    }
    u64 *now = at(page), *then = at(page + INITIAL_OFFSET);
    const u64 *base = at(page + BASES_AT + (u64)number * BASE_STRIDE);
    for (u32 i = 0; i < 512; i++) {
      if (now[i] != base[i]) {
        now[i] = base[i];
      }
      then[i] = base[i];
    }
  }
}

/* The processor's own pages: not the case's to compare. */
static int own(u64 page) {
  return page == HOST_SAVE_PAGE || (cpu_vmx && vmx_region(page));
}

/* What was there before the runner put something of its own into a case's memory. */
static struct {
  u64 address, value;
} kept[8];
static u32 kept_count;

void memory_put(u32 address, u64 value) {
  u64 *now = at(address), *then = at((u64)address + INITIAL_OFFSET);
  kept[kept_count].address = address;
  kept[kept_count].value = *then;
  kept_count++;
  *now = *then = value;
}

void memory_put_back(void) {
  while (kept_count) {
    kept_count--;
    u64 address = kept[kept_count].address;
    *at(address) = *at(address + INITIAL_OFFSET) = kept[kept_count].value;
  }
}

void memory_refresh(u32 address, u32 bytes) {
  for (u64 a = address; a < address + bytes; a += 8) {
    u64 v = *at(a + INITIAL_OFFSET);
    if (*at(a) != v) {
      *at(a) = v;
    }
  }
}

int memory_is_initial(u32 address, u32 words) {
  u64 *now = at(address), *then = now + INITIAL_OFFSET / 8, left = words;
  return !words || !words_differ(&now, &then, &left);
}

/* Behind a word that differs; left: words from there on. */
void result_differ(u64 *now, u64 *then, u64 left) {
  do {
    result_pair((u64)(now - 1), now[-1]);
    now[-1] = then[-1];
  } while (left && words_differ(&now, &then, &left));
}

void result_compare(const struct range *w, u32 count) {
  for (const struct range *end = w + count; w < end; w++) {
    compare_words(w->address, w->words);
  }
}

/* Pairs of one check; the rest is restored all the same. */
#define CHECK_PAIRS 1024

u32 result_check(u32 index) {
  u32 found = 0;
  result_open(index);
  for (u64 page = CASE_START; page < CASE_END; page += 0x1000) {
    if (own(page)) {
      continue;
    }
    u64 *now = at(page), *then = at(page + INITIAL_OFFSET), left = 512;
    while (left && words_differ(&now, &then, &left)) {
      if (found++ < CHECK_PAIRS) {
        result_pair((u64)(now - 1), now[-1]);
      }
      now[-1] = then[-1];
    }
  }
  if (cpu_vmx) {
    found += vmx_check();
  }
  found += cpu_rest_check();
  result_close(END_CHECKED, 0, found);
  return found;
}
