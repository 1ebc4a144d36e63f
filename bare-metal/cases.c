/* Runs the cases of a command, one after the other. */
#include "case.h"

#define VMCB_TLB 0x58         /* ASID, TLB_CONTROL (APM vol. 2, appendix B) */
#define VMCB_TLB_FLUSH (1ull << 32)
#define VMCB_EXITCODE 0x70
#define VMCB_NESTED 0x90
#define VMCB_N_CR3 0xB0
#define VMCB_G_PAT 0x668
#define VMEXIT_UD 0x46

/* VMCS: encodings, and exit reason 0 with what it says of #UD (SDM vol. 3, 24.9.2). */
#define VM_INSTRUCTION_ERROR 0x4400u
#define EXIT_REASON 0x4402u
#define EXIT_EVENT 0x4404u
#define EVENT_UD 0x80000306u
#define EPT_VIOLATION 48u
#define EPT_MISCONFIGURATION 49u
#define EPTP_ATTRIBUTES 0x1Eull

/* Cases since all memory was compared, and the last of them. */
static u32 unchecked, last;

void check_earlier(void) {
  if (unchecked) {
    result_check(last);
    unchecked = 0;
  }
}

static const u64 *templates;
static u32 template_count;
static u32 template_words;

/* template: 0 if the case only says what it has otherwise than the one before. Whether the VMCS is loaded. */
static inline __attribute__((always_inline)) int begin_vmcs(
    const struct case_header *c, const u64 *template, int plain) {
  u64 eptp = (u64)nested_pml4 | EPTP_ATTRIBUTES;
  int nested = c->flags & CASE_NESTED, own = 0, loaded = 0;
  if (!plain || template || !vmx_goes_on(c->control_block)) {
    vmx_set(template, fields_of(c), c->fields);
    if (!c->control_block) {
      return 0;
    }
    if (c->shadow) {
      vmx_write(c->shadow, shadow_fields_of(c), c->shadow_fields);
    }
    own = nested && vmx_watch(eptp);
  } else {
    own = vmx_set_and_load(fields_of(c), c->fields, nested, eptp);
    loaded = 1;
  }
  if (own) {
    memory_put(EPT_PT + 8 * (SENTINEL_PAGE >> 12), EPT_NOT_PRESENT);
    memory_put(EPT_PT + 8 * (HANDLERS_PAGE >> 12), EPT_NOT_PRESENT);
  }
  if (tlb_flush) {
    vmx_flush();
  }
  return loaded;
}

/* How a case is begun: a plain guest (is_plain), one that is only entered, or any case. */
enum { NOT_PLAIN, PLAIN, BARE };

/* Whether the guest's VMCS is loaded. */
static inline __attribute__((always_inline)) int begin(const struct case_header *c, int vmx, int how) {
  const u64 *template = 0;
  if (c->template != NO_TEMPLATE) {
    if (c->template >= template_count) {
      die("a case with a template that there is not: case, template", c->index, c->template);
    }
    template = templates + (u64)c->template * template_words;
  }
  cpu_set(template, registers_of(c), c->registers);
  if (how == BARE || (how != PLAIN && !(c->flags & CASE_GUEST))) {
    patch(c);
  } else {
    patch_guest(c);
  }
  if (vmx) {
    return begin_vmcs(c, template ? template + REG_COUNT : 0, how == PLAIN);
  }
  u64 vmcb = c->control_block;
  if (c->flags & CASE_NESTED) {
    memory_put((u32)vmcb + VMCB_NESTED, *at(vmcb + VMCB_NESTED) | 1);
    memory_put((u32)vmcb + VMCB_N_CR3, (u64)nested_pml4);
    memory_put((u32)vmcb + VMCB_G_PAT, live_set[REG_PAT]);
  }
  if (tlb_flush && vmcb) {
    memory_put((u32)vmcb + VMCB_TLB, *at(vmcb + VMCB_TLB) | VMCB_TLB_FLUSH);
  }
  return 0;
}

/* Into the guest whose VMCB is there, or whose VMCS is current. */
static int enter(int vmx, u32 control_block, u32 *detail) {
  u32 how = guest_enter(vmx ? live_set[REG_RAX] : control_block);
  if (how == 0) {
    return END_EXIT;
  }
  if (how == ENTER_REFUSED) {
    *detail = (u32)vmx_read(VM_INSTRUCTION_ERROR);
    return END_ENTRY_FAILED;
  }
  *detail = how - 1;
  return END_ENTRY_FAULT;
}

/*
 * What the processor is like behind an exit. VMX leaves GDTR and IDTR with limits of FFFFh, and CR0.CD and
 * NW as the guest had them.
 */
static void host_tables(int vmx) {
  if (vmx) {
    lgdt(&home_gdtr);
    lidt(&home_idtr);
  }
}

static void after_exit(void) {
  cpu_capture();
  if (cpu_vmx && live_got[REG_CR0] != HOME_CR0) {
    write_cr0(HOME_CR0);
  }
  host_tables(cpu_vmx);
}

/* Lets a guest run that exits at its first instruction, a UD2; memory is as before then. */
static int come_and_go(const struct case_header *c, u32 control_block, u32 *code) {
  int ud;
  if (cpu_vmx && control_block == c->control_block) {
    vmx_load(control_block);
  } else if (cpu_vmx) {
    vmx_load_prior(control_block, prior_fields_of(c), c->prior_fields);
  }
  int end = enter(cpu_vmx, control_block, code);
  if (end != END_EXIT) {
    return end;
  }
  after_exit();
  if (cpu_vmx) {
    *code = (u32)vmx_read(EXIT_REASON);
    ud = *code == 0 && (u32)vmx_read(EXIT_EVENT) == EVENT_UD;
    ud |= *code == EPT_VIOLATION || *code == EPT_MISCONFIGURATION; /* of a case that is about them */
  } else {
    *code = (u32)*at(control_block + VMCB_EXITCODE);
    ud = *code == VMEXIT_UD;
    memory_refresh(control_block, 0x1000);
  }
  for (u32 i = 0; i < c->watches; i++) {
    memory_refresh(watches[i].address, 8 * watches[i].words);
  }
  return ud ? 0 : END_PRIOR;
}

/* Registers, by number, that are compared one after the other. */
struct run_of_registers {
  u32 first, count;
};

/*
 * Registers that are seen behind a guest [0] and outside any [1]: all but the hidden parts of ES, CS,
 * SS and DS, and without VMSAVE those of the others.
 */
#define RUNS_MAX 16u
static struct run_of_registers seen[2][RUNS_MAX];
static u32 seen_count[2];

/* General registers and RFLAGS, all that cpu_as_set leaves out; it makes rIP as it was set. */
static const struct run_of_registers general = {REG_RAX, REG_RFLAGS + 1};

static int is_seen(u32 reg, u32 native) {
  int part = reg >= REG_ES_SEL && reg <= REG_TR_BASE && (reg - REG_ES_SEL) % 4 != 0;
  int base = reg == REG_FS_BASE || reg == REG_GS_BASE;
  if (part && (reg < REG_FS_SEL || (!cpu_svm && !base))) {
    return 0;
  }
  return native || reg != REG_RIP; /* it came back behind its VMRUN, or not at all */
}

static void find_seen(void) {
  for (u32 native = 0; native < 2; native++) {
    struct run_of_registers *run = seen[native];
    for (u32 reg = 0; reg < REG_TSC; reg++) {
      if (is_seen(reg, native)) {
        run->first = run->count ? run->first : reg;
        run->count++;
      } else if (run->count) {
        run++;
      }
    }
    seen_count[native] = (u32)(run - seen[native]) + (run->count != 0);
  }
}

static void compare_registers(const struct run_of_registers *run, u32 runs) {
  for (const struct run_of_registers *end = run + runs; run < end; run++) {
    u64 *got = live_got + run->first, *set = live_set + run->first, left = run->count;
    while (left && words_differ(&got, &set, &left)) {
      result_pair((u64)KEY_REGISTER << 32 | (u64)(got - 1 - live_got), got[-1]);
    }
  }
}

/*
 * Words of a VMCB that an exit writes, and that VMRUN clears (APM vol. 2, 15.6 and appendix B): first those that
 * nearly every one changes, then the others, as runs: first and last. What lies between in a run is compared, too.
 */
static const u16 exit_words[] = {
  0x070, 0x078, 0x080, 0x088, 0x0C8, 0x578, 0x5D8, 0x5F8, 0x640, 0x0D0, 0x0D8, 0x120, 0x4C8, 0x4D0, 0x668};
static const u16 exit_runs[][2] = {{0x058, 0x068}, {0x090, 0x0C0}, {0x400, 0x438}, {0x460, 0x488}, {0x548, 0x570}};

static inline __attribute__((always_inline)) void compare_vmcb(u32 vmcb) {
  u64 *now = at(vmcb);
  const u64 *then = at((u64)vmcb + INITIAL_OFFSET);
  struct pair *next = result_next;
#pragma GCC unroll 16
  for (u32 i = 0; i < sizeof exit_words / sizeof exit_words[0]; i++) {
    u32 word = exit_words[i] / 8;
    u64 value = now[word];
    if (value != then[word]) {
      next->key = vmcb + 8 * word;
      next++->value = value;
      now[word] = then[word];
    }
  }
  result_next = next;
#pragma GCC unroll 8
  for (u32 i = 0; i < sizeof exit_runs / sizeof exit_runs[0]; i++) {
    compare_words((u64)vmcb + exit_runs[i][0], (exit_runs[i][1] - exit_runs[i][0]) / 8 + 1);
  }
}

/* Of a plain guest nothing goes before, and NMIs, GIF and the alarm are of no interest. */
static inline __attribute__((always_inline)) int is_plain(const struct case_header *c) {
  u32 special = CASE_GUEST | CASE_ALARM | CASE_OWN_NMI | CASE_NMI_MASKED | CASE_PROBE;
  return (c->flags & special) == CASE_GUEST && !(c->prior_control_block | c->shadow);
}

/* Runs a case, vmx: cpu_vmx; plain: is_plain. Both are constant where it matters how long it takes. */
static inline __attribute__((always_inline)) void run_as(const struct case_header *c, int vmx, int plain) {
  int guest = plain || (c->flags & CASE_GUEST);
  cpu_rest_read = !guest || (c->flags & CASE_SEGMENTS);
  if (vmx && !guest) {
    if (!c->control_block) {
      vmx_off();
    }
    vmx_operands_anew();
  }
  int loaded = begin(c, vmx, plain ? PLAIN : NOT_PLAIN);
  if (vmx && !guest) {
    vmx_region_words();
  }
  result_open(c->index);
  u32 detail = 0, marks = 0;
  int end = 0, as_set = 0;
  trap_stray = 0;
  cpu_load(0);
  u32 earlier = plain ? 0 : guest ? c->prior_control_block : c->control_block;
  if (earlier) {
    end = come_and_go(c, earlier, &detail);
  }
  if (!end) {
    if (earlier || !guest) {
      cpu_load(!guest);
    }
    if (!plain && (c->flags & CASE_NMI_MASKED)) {
      block_nmi();
    }
    if (!guest && !vmx && cpu_svm && live_set[REG_GIF]) {
      stgi();
    }
    if (guest) {
      if (!plain && (c->flags & CASE_ALARM)) {
        alarm_arm(c->flags >> CASE_ALARM_SHIFT);
      }
      if (vmx && !loaded) {
        vmx_load(c->control_block);
      }
      end = enter(vmx, c->control_block, &detail);
      cpu_entered();
      as_set = end == END_EXIT && cpu_as_set();
      if (as_set) {
        marks |= vmx ? MARK_LIMITS : 0;
        host_tables(vmx);
      } else {
        after_exit();
      }
    } else {
      end = native_enter(c, &detail);
      marks |= (u32)end >> 16;
      end &= 0xFFFF;
      cpu_set_anew(); /* on its way in it says what it could not set */
      cpu_capture_native();
      native_correct(c);
      if (trap_gd) {
        marks |= MARK_GD;
        live_got[REG_DR7] |= 0x2000;
      }
    }
    if (!plain && (c->flags & (CASE_ALARM | CASE_OWN_NMI))) {
      drain_alarm();
    }
    if (!plain && (c->flags & (CASE_NMI_MASKED | CASE_PROBE))) {
      marks |= probe();
    }
    if (!vmx && cpu_svm) {
      clgi();
    }
    if (trap_stray) {
      marks |= MARK_STRAY;
      detail = trap_stray - 1;
      memory_refresh(HOST_STACK_PAGE, 0x1000);
    }
    if (vmx && !guest) {
      vmx_recover(c->control_block);
    }
    if (end == END_EXIT || end == END_NATIVE) {
      if (as_set) {
        compare_registers(&general, 1);
      } else {
        compare_registers(seen[!guest], seen_count[!guest]);
      }
      if (vmx && guest && c->control_block == CONTROL_BLOCK) {
        vmx_result(c->flags & CASE_SEGMENTS);
      } else if (vmx && c->control_block) {
        vmx_result_all(c->control_block);
      }
    }
  }
  if (guest && !vmx && cpu_svm) {
    compare_vmcb(c->control_block);
  }
  result_compare(watches, c->watches);
  result_close((u32)end, marks, detail);
  memory_put_back();
}

#define APART static __attribute__((noinline))
APART void run_plain_svm(const struct case_header *c) { run_as(c, 0, 1); }
APART void run_plain_vmx(const struct case_header *c) { run_as(c, 1, 1); }
APART void run_any(const struct case_header *c) { run_as(c, cpu_vmx, 0); }

/* Entering and leaving only: what the loop costs without any reporting. */
static void run_bare(const struct case_header *c, int rebuild) {
  patches_use_base(c->base);
  begin(c, cpu_vmx, BARE);
  if (cpu_vmx) {
    vmx_load_bare(c->control_block, rebuild);
  } else if (rebuild) {
    copy_words(at(c->control_block), at(c->control_block + (u64)INITIAL_OFFSET), 512);
  }
  guest_enter(cpu_vmx ? live_set[REG_RAX] : c->control_block);
  memory_put_back();
}

u64 tlb_flush;

/* From the runner's tables to those of the host in every base image; they stay from then on. */
static void move_into_host(void) {
  home_gdtr.limit = 0x27;
  home_gdtr.base = HOST_GDT;
  home_idtr.limit = 0xFFF;
  home_idtr.base = HOST_IDT;
  write_cr3(HOST_PML4);
  lgdt(&home_gdtr);
  lidt(&home_idtr);
}

/* Whether the case would hide a change of an earlier one, whose flags were before, or have it taken for its own. */
static int would_hide(const struct case_header *c, u32 before) {
  int turns = cpu_vmx && ((before ^ c->flags) & CASE_GUEST); /* the VMCS is no longer what is held of it */
  return turns || memory_in_use != c->base || (!(c->flags & CASE_GUEST) && !native_undisturbed(c)) || cpu_rest_astray()
      || vmx_segments_astray();
}

void cases_run(const struct command *command, struct status *status) {
  static int moved;
  templates = at(DATA_AT);
  template_count = command->templates;
  template_words = REG_COUNT + command->fields;
  if (cpu_vmx && command->fields != vmx_fields) {
    die("templates with another number of VMCS fields: theirs, the processor's", command->fields, vmx_fields);
  }
  const u8 *first = (const u8 *)(templates + (u64)template_count * template_words);
  tlb_flush = command->flags & COMMAND_FLAG_FLUSH;
  int bare = (command->flags & COMMAND_FLAG_BARE) != 0;
  result_begin(command);
  if (!moved) {
    nested_set_up();
    find_seen();
    memory_use(((const struct case_header *)first)->base);
    move_into_host();
    if (cpu_vmx) {
      vmx_regions();
      vmx_on();
    }
    moved = 1;
  }
  if (cpu_svm) {
    clgi();
  }
  cpu_rest_read = 1;
  cpu_capture();
  if (((const struct case_header *)first)->template == NO_TEMPLATE) {
    die("the first case has no template", 0, 0);
  }
  u64 start = rdtsc();
  u32 flags = 0;
  unchecked = 0;
  void (*run_plain)(const struct case_header *) = cpu_vmx ? run_plain_vmx : run_plain_svm;
  for (u32 round = 0; round < (bare ? command->repeat : 1); round++) {
    const u8 *p = first;
    patches_end();
    for (u32 i = 0; i < command->count; i++) {
      const struct case_header *c = (const struct case_header *)p;
      p += c->bytes;
      if (bare) {
        run_bare(c, command->flags & COMMAND_FLAG_REBUILD);
        continue;
      }
      if (command->heartbeat_port) {
        out8((u16)command->heartbeat_port, (u8)i);
      }
      int as_before = ((c->flags ^ flags) & CASE_GUEST) == 0 && (c->flags & (CASE_SEGMENTS | CASE_GUEST)) == CASE_GUEST;
      if (!as_before && unchecked && would_hide(c, flags)) {
        check_earlier();
      }
      flags = c->flags;
      if (memory_in_use != c->base) {
        check_earlier();
        memory_use(c->base);
      }
      if (is_plain(c)) {
        run_plain(c);
      } else {
        run_any(c);
      }
      last = c->index;
      if (++unchecked >= command->check_interval || (c->flags & CASE_FULL_CHECK)) {
        cpu_check();
        check_earlier();
      }
      status->cases++;
    }
  }
  check_earlier();
  result_flush();
  status->cycles = rdtsc() - start;
  status->blocks = result_blocks;
}
