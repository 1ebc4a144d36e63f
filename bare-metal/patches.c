/*
 * What cases have differently from the case before them, in memory, and never over a change that nobody has
 * seen yet.
 */
#include "case.h"

/* The case before. 0: there is none. */
static const struct case_header *last;

const struct range *watches;

static inline __attribute__((always_inline)) int is_region(const struct range *p, int vmx) {
  return vmx && vmx_region(p->address & ~0xFFFu);
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
static inline __attribute__((always_inline)) void put_patches(const struct case_header *c, int vmx, int look) {
  const struct range *p = patches_of(c);
  for (u32 i = 0; i < c->patches; i++) {
    const u64 *words = (const u64 *)(p + 1), *end = words + p->words;
    if (is_region(p, vmx)) {
      if ((p->address & 0xFFF) == 0) {
        vmx_region_word(p->address, (u32)words[0]);
      }
    } else {
      u64 *now = at(p->address);
      do {
        u64 *then = now + INITIAL_OFFSET / 8;
        if (look && *now != *then) {
          check_earlier();
        }
        *now++ = *then = *words++;
      } while (words < end);
    }
    p = (const struct range *)end;
  }
  watches = p;
}

void patch(const struct case_header *c) {
  put_patches(c, cpu_vmx, 0);
  last = c;
}

static int own_undisturbed(const struct case_header *c) {
  const struct range *p = patches_of(c);
  for (u32 i = 0; i < c->patches; i++, p = behind(p)) {
    if (!is_region(p, cpu_vmx) && !memory_is_initial(p->address, p->words)) {
      return 0;
    }
  }
  return 1;
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
static inline __attribute__((always_inline)) int rest_undisturbed(const struct case_header *c) {
  if (!(c->flags & CASE_SAME_WATCHES) && !watches_undisturbed(c)) { /* else they have been compared behind it */
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
  if (cpu_vmx) {
    put_patches(c, 1, 1);
  } else {
    put_patches(c, 0, 1);
  }
  if (!rest_undisturbed(c)) {
    check_earlier(); /* what the patches have overwritten was as it had to be */
  }
  last = c;
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
