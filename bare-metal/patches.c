/*
 * What cases have differently from their base image: in memory from one case to the next, and never
 * over a change that nobody has seen yet.
 */
#include "case.h"

/* The case whose patches memory has; 0: it is the base image. */
static const struct case_header *patched;

static int is_region(const struct range *p) {
  return cpu_vmx && vmx_region(p->address & ~0xFFFu);
}

static const struct range *behind(const struct range *p) {
  return (const struct range *)((const u64 *)(p + 1) + p->words);
}

static int own_undisturbed(const struct case_header *c) {
  const struct range *p = patches_of(c);
  for (u32 i = 0; i < c->patches; i++, p = behind(p)) {
    if (!is_region(p) && !memory_is_initial(p->address, p->words)) {
      return 0;
    }
  }
  return 1;
}

void patches_use_base(u32 number) {
  if (memory_in_use != number) {
    memory_use(number);
    patched = 0;
  }
}

/* Brings memory to what it is to begin with, and writes no word that is so already. */
static void bring(const struct case_header *c) {
  const struct range *p = patches_of(c);
  for (u32 i = 0; i < c->patches; i++, p = behind(p)) {
    if (!is_region(p)) {
      memory_refresh(p->address, 8 * p->words);
    }
  }
}

/*
 * Patches the case's memory in the place of the last case's. Neighbours mostly patch the same places, and
 * a word that is written is expensive where it is code.
 */
void patch(const struct case_header *c) {
  const struct case_header *last = patched;
  if (last) {
    const struct range *p = patches_of(last);
    for (u32 i = 0; i < last->patches; i++, p = behind(p)) {
      if (is_region(p)) {
        vmx_region_word(p->address & ~0xFFFu, 0);
      } else {
        memory_initial_base(p->address, p->words);
      }
    }
  }
  const struct range *p = patches_of(c);
  for (u32 i = 0; i < c->patches; i++, p = behind(p)) {
    const u64 *words = (const u64 *)(p + 1);
    if (is_region(p)) {
      if ((p->address & 0xFFF) == 0) {
        vmx_region_word(p->address, (u32)words[0]);
      }
      continue;
    }
    u64 *then = at((u64)p->address + INITIAL_OFFSET);
    for (u32 j = 0; j < p->words; j++) {
      then[j] = words[j];
    }
  }
  if (last) {
    bring(last);
  }
  bring(c);
  patched = c;
}

/* What the last case has watched, too, has been compared behind it. */
static int same_watches(const struct range *a, u32 count, const struct range *b, u32 others) {
  const u64 *x = (const u64 *)a, *y = (const u64 *)b;
  for (u32 i = 0; count == others && i < count; i++) {
    if (x[i] != y[i]) {
      return 0;
    }
  }
  return count == others;
}

/*
 * Whether memory is still as the cases began with it wherever the next one has patches or watches, and
 * where the last one's patches go. What an earlier case changed there, which does not watch it, would be
 * lost or taken for the next one's.
 */
int patches_undisturbed(const struct case_header *c) {
  const struct range *w = watches_of(c);
  if (!patched || !same_watches(w, c->watches, watches_of(patched), patched->watches)) {
    for (u32 i = 0; i < c->watches; i++) {
      if (!memory_is_initial(w[i].address, w[i].words)) {
        return 0;
      }
    }
  }
  if (!own_undisturbed(c) || (patched && patched != c && !own_undisturbed(patched))) {
    return 0;
  }
  int guest = c->flags & CASE_GUEST;
  u32 earlier = guest ? c->prior_control_block : c->control_block;
  if (earlier && !cpu_vmx && !memory_is_initial(earlier, 512)) {
    return 0;
  }
  return guest || (memory_is_initial(SENTINEL_PAGE, 512) && memory_is_initial(HANDLERS_PAGE, 512));
}

void patches_end(void) {
  static const struct case_header nothing;
  if (patched) {
    patch(&nothing);
    patched = 0;
  }
}
