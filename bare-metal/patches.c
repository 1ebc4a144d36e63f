/*
 * What cases have differently from the case before them, in memory, and never over a change that nobody has
 * seen yet.
 */
#include "case.h"

/* The case before and its watches, which have been compared behind it. 0: there is none. */
static const struct case_header *last;
static const struct range *last_watches;

const struct range *watches;

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
 * code. Whether one, with look, was not as the case before began with it: that is said before it is lost.
 */
static inline __attribute__((always_inline)) void put_patches(const struct case_header *c, int look) {
  const struct range *p = patches_of(c);
  for (u32 i = 0; i < c->patches; i++) {
    const u64 *words = (const u64 *)(p + 1), *end = words + p->words;
    if (is_region(p)) {
      if ((p->address & 0xFFF) == 0) {
        vmx_region_word(p->address, (u32)words[0]);
      }
    } else {
      for (u64 *now = at(p->address); words < end; words++, now++) {
        u64 *then = now + INITIAL_OFFSET / 8;
        if (look && *now != *then) {
          check_earlier();
        }
        *now = *then = *words;
      }
    }
    p = (const struct range *)end;
  }
  watches = p;
}

void patch(const struct case_header *c) {
  put_patches(c, 0);
  last = c;
  last_watches = watches;
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
  u64 *x = (u64 *)watches, *y = (u64 *)last_watches, count = c->watches;
  return !count || !words_differ(&x, &y, &count);
}

static int watches_undisturbed(const struct case_header *c) {
  const struct range *w = watches;
  for (u32 i = 0; i < c->watches; i++) {
    if (!memory_is_initial(w[i].address, w[i].words)) {
      return 0;
    }
  }
  return 1;
}

/*
 * Whether memory is still as the case before began with it wherever the next one has watches, or a control block.
 * What an earlier case changed there, which does not watch it, would be taken for the next one's.
 */
static int rest_undisturbed(const struct case_header *c) {
  if (!same_watches(c) && !watches_undisturbed(c)) {
    return 0;
  }
  if (cpu_vmx) {
    return 1;
  }
  int guest = c->flags & CASE_GUEST;
  int compared = last && (last->flags & CASE_GUEST) && last->control_block == c->control_block;
  if (guest && !compared && !memory_is_initial(c->control_block, 512)) {
    return 0;
  }
  u32 earlier = guest ? c->prior_control_block : c->control_block;
  return !earlier || memory_is_initial(earlier, 512);
}

void patch_guest(const struct case_header *c) {
  put_patches(c, 1);
  if (!rest_undisturbed(c)) {
    check_earlier(); /* what the patches have overwritten was as it had to be */
  }
  last = c;
  last_watches = watches;
}

int native_undisturbed(const struct case_header *c) {
  watches = watches_of(c);
  return own_undisturbed(c) && rest_undisturbed(c) && memory_is_initial(SENTINEL_PAGE, 512)
      && memory_is_initial(HANDLERS_PAGE, 512);
}

/* The next case begins with a base image, whatever there is now; the data with the last case go. */
void patches_end(void) {
  last = 0;
  memory_in_use = ~0u;
}
