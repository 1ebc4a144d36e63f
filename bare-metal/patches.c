/*
 * What cases have differently from the case before them, in memory, and never over a change that nobody has
 * seen yet.
 */
#include "case.h"

/* The case before: what it watches has been compared behind it. 0: there is none. */
static const struct case_header *last;

static int is_region(const struct range *p) {
  return cpu_vmx && vmx_region(p->address & ~0xFFFu);
}

static const struct range *behind(const struct range *p) {
  return (const struct range *)((const u64 *)(p + 1) + p->words);
}

void patches_use_base(u32 number) {
  if (memory_in_use != number) {
    memory_use(number);
  }
}

/*
 * Only words that the case before has otherwise come here: a word that is written is expensive where it is
 * code.
 */
void patch(const struct case_header *c) {
  const struct range *p = patches_of(c);
  for (u32 i = 0; i < c->patches; i++, p = behind(p)) {
    const u64 *words = (const u64 *)(p + 1);
    if (is_region(p)) {
      if ((p->address & 0xFFF) == 0) {
        vmx_region_word(p->address, (u32)words[0]);
      }
      continue;
    }
    u64 *now = at(p->address), *then = at((u64)p->address + INITIAL_OFFSET);
    for (u32 j = 0; j < p->words; j++) {
      now[j] = then[j] = words[j];
    }
  }
  last = c;
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

/* What the case before has watched, too, has been compared behind it. */
static int same_watches(const struct case_header *c) {
  if (!last || last->watches != c->watches) {
    return 0;
  }
  const u64 *x = (const u64 *)watches_of(c), *y = (const u64 *)watches_of(last);
  for (u32 i = 0; i < c->watches; i++) {
    if (x[i] != y[i]) {
      return 0;
    }
  }
  return 1;
}

static int watches_undisturbed(const struct case_header *c) {
  const struct range *w = watches_of(c);
  for (u32 i = 0; i < c->watches; i++) {
    if (!memory_is_initial(w[i].address, w[i].words)) {
      return 0;
    }
  }
  return 1;
}

/*
 * Whether memory is still as the case before began with it wherever the next one has patches or watches.
 * What an earlier case changed there, which does not watch it, would be lost or taken for the next one's.
 */
int patches_undisturbed(const struct case_header *c) {
  if (!own_undisturbed(c) || (!same_watches(c) && !watches_undisturbed(c))) {
    return 0;
  }
  int guest = c->flags & CASE_GUEST;
  if (!cpu_vmx) {
    int compared = last && (last->flags & CASE_GUEST) && last->control_block == c->control_block;
    if (guest && !compared && !memory_is_initial(c->control_block, 512)) {
      return 0;
    }
    u32 earlier = guest ? c->prior_control_block : c->control_block;
    if (earlier && !memory_is_initial(earlier, 512)) {
      return 0;
    }
  }
  return guest || (memory_is_initial(SENTINEL_PAGE, 512) && memory_is_initial(HANDLERS_PAGE, 512));
}

/* The next case begins with a base image, whatever there is now; the data with the last case go. */
void patches_end(void) {
  last = 0;
  memory_in_use = ~0u;
}
