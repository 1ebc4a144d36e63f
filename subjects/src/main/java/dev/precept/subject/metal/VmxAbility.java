package dev.precept.subject.metal;

import dev.precept.cases.Case;
import dev.precept.cases.Context;
import dev.precept.cases.ControlBlock;
import dev.precept.cases.MachineState;
import dev.precept.cases.Register;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What a processor's VMX capability MSRs (SDM vol. 3, appendix A) and its VMCS fields let a case
 * ask for.
 */
final class VmxAbility {
  private static final int BASIC = 0x480, EPT_VPID = 0x48C, FEATURE_CONTROL = 0x3A;
  private static final int CR0_FIXED0 = 0x486, CR0_FIXED1 = 0x487;
  private static final int CR4_FIXED0 = 0x488, CR4_FIXED1 = 0x489;
  private static final int TRUE_CONTROLS = 55;
  private static final long LOW = 0xFFFF_FFFFL;

  /** EPT: page walks of four levels; write-back; pages of 2 MiB. */
  private static final long EPT_AS_THE_RUNNERS = 1 << 6 | 1 << 14 | 1 << 16;

  private static final long SECONDARY_ACTIVE = 1L << 31, TERTIARY_ACTIVE = 1 << 17;
  private static final int TERTIARY_MSR = 0x492;
  private static final long ENABLE_EPT = 1 << 1, UNRESTRICTED = 1 << 7;
  private static final long PE = 1, PG = 1L << 31;

  /**
   * A word of controls: field, MSR with bits 31:0 that must be 1 and bits 63:32 that may be, and
   * the MSR that says it without what used to be fixed.
   */
  private record Controls(String name, int field, int msr, int trueMsr) {}

  private static final List<Controls> CONTROLS =
      List.of(
          new Controls("pin-based", Vmcs.PIN, 0x481, 0x48D),
          new Controls("primary processor-based", Vmcs.PRIMARY, 0x482, 0x48E),
          new Controls("VM-exit", Vmcs.EXIT, 0x483, 0x48F),
          new Controls("VM-entry", Vmcs.ENTRY, 0x484, 0x490));

  private static final Controls SECONDARY =
      new Controls("secondary processor-based", Vmcs.SECONDARY, 0x48B, 0x48B);

  private static final List<Controls> ALL_CONTROLS =
      Stream.concat(CONTROLS.stream(), Stream.of(SECONDARY)).toList();

  private final BootReport report;

  private VmxAbility(BootReport report) {
    this.report = report;
  }

  /** What the case asks for that the processor does not have, for a person; nothing if it has. */
  static Optional<String> lacking(Case testCase, BootReport report) {
    VmxAbility ability = new VmxAbility(report);
    for (ControlBlock block :
        List.of(testCase.controlBlock(), possible(testCase.priorControlBlock(), report))) {
      if (block.present()) {
        Optional<String> lacking = ability.lacking(block);
        if (lacking.isPresent()) {
          return lacking;
        }
      }
    }
    long supervisor = testCase.state().get(Register.XSS) & ~ability.supervisorStates();
    if (supervisor != 0) {
      return Optional.of("the processor has no bits " + hex(supervisor) + " in IA32_XSS");
    }
    if (testCase.context() == Context.HOST) {
      return ability.host(testCase);
    }
    if (Sight.of(testCase) == Sight.PAGING && !ability.hasEpt()) {
      return Optional.of(
          "the end of a guest whose exception bitmap leaves #UD out is seen by EPT, which the"
              + " processor does not have");
    }
    return Optional.empty();
  }

  /**
   * {@code block} without what the processor cannot do: for a guest that goes before with every
   * exit switched on, of which nothing may be left. What is not there cannot be left, either.
   */
  static ControlBlock possible(ControlBlock block, BootReport report) {
    if (block.fields().isEmpty()) {
      return block;
    }
    VmxAbility ability = new VmxAbility(report);
    SortedMap<Integer, Long> fields = new TreeMap<>(block.fields());
    for (Controls controls : ALL_CONTROLS) {
      fields.computeIfPresent(
          controls.field(), (field, value) -> value & ability.allowed(controls) >>> 32);
    }
    fields.computeIfPresent(Vmcs.TERTIARY, (field, value) -> value & report.msr(TERTIARY_MSR));
    fields.keySet().retainAll(Set.copyOf(report.fields()));
    return new ControlBlock(block.address(), fields, block.shadow());
  }

  /** Bits of IA32_XSS that can be set (SDM vol. 1, 13.2). */
  private long supervisorStates() {
    int[] states = report.leaves().getOrDefault(new BootReport.Leaf(0xD, 1), new int[4]);
    return (long) states[3] << 32 | (states[2] & LOW);
  }

  private boolean allows(Controls controls, long bit) {
    return (allowed(controls) >>> 32 & bit) != 0;
  }

  private boolean hasEpt() {
    return allows(SECONDARY, ENABLE_EPT)
        && (report.msr(EPT_VPID) & EPT_AS_THE_RUNNERS) == EPT_AS_THE_RUNNERS;
  }

  private Optional<String> lacking(ControlBlock block) {
    for (Controls controls : CONTROLS) {
      Optional<String> wrong = settings(controls, Vmcs.value(block.fields(), controls.field()));
      if (wrong.isPresent()) {
        return wrong;
      }
    }
    long primary = Vmcs.value(block.fields(), Vmcs.PRIMARY);
    long secondary = 0;
    if ((primary & SECONDARY_ACTIVE) != 0) {
      secondary = Vmcs.value(block.fields(), Vmcs.SECONDARY);
      Optional<String> wrong = settings(SECONDARY, secondary);
      if (wrong.isPresent()) {
        return wrong;
      }
    }
    if ((primary & TERTIARY_ACTIVE) != 0) {
      long missing = Vmcs.value(block.fields(), Vmcs.TERTIARY) & ~report.msr(TERTIARY_MSR);
      if (missing != 0) {
        return Optional.of(bits("tertiary processor-based", missing) + " cannot be 1 here");
      }
    }
    for (Map.Entry<Integer, Long> field : block.fields().entrySet()) {
      if (field.getValue() != 0 && !report.fields().contains(field.getKey())) {
        return Optional.of("the processor has no VMCS field " + hex(field.getKey()));
      }
    }
    long free = (secondary & UNRESTRICTED) != 0 ? PE | PG : 0;
    return fixed("CR0", Vmcs.value(block.fields(), Vmcs.CR0), CR0_FIXED0, CR0_FIXED1, free)
        .or(() -> fixed("CR4", Vmcs.value(block.fields(), Vmcs.CR4), CR4_FIXED0, CR4_FIXED1, 0));
  }

  private long allowed(Controls controls) {
    boolean precise = (report.msr(BASIC) >>> TRUE_CONTROLS & 1) != 0;
    return report.msr(precise ? controls.trueMsr() : controls.msr());
  }

  private Optional<String> settings(Controls controls, long value) {
    long allowed = allowed(controls);
    long missing = value & ~(allowed >>> 32);
    if (missing != 0) {
      return Optional.of(bits(controls.name(), missing) + " cannot be 1 here");
    }
    long fixed = allowed & LOW & ~value;
    return fixed == 0
        ? Optional.empty()
        : Optional.of(bits(controls.name(), fixed) + " cannot be 0 here");
  }

  private static String bits(String name, long mask) {
    List<String> bits = new ArrayList<>();
    for (int i = 0; i < Long.SIZE; i++) {
      if ((mask >>> i & 1) != 0) {
        bits.add(Integer.toString(i));
      }
    }
    return name + " controls: bit " + String.join(", ", bits);
  }

  private Optional<String> fixed(String name, long value, int ones, int zeros, long free) {
    long wrong = ((report.msr(ones) & ~value) | (value & ~report.msr(zeros))) & ~free;
    return wrong == 0
        ? Optional.empty()
        : Optional.of(
            "VMX holds bits " + hex(wrong) + " of " + name + " otherwise than the case has them");
  }

  /** A case outside non-root operation: VMX root operation behind a guest, or outside VMX. */
  private Optional<String> host(Case testCase) {
    MachineState state = testCase.state();
    if (!testCase.controlBlock().present()) {
      return state.get(Register.FEATURE_CONTROL) == report.msr(FEATURE_CONTROL)
          ? Optional.empty()
          : Optional.of("IA32_FEATURE_CONTROL is locked, with another value than the case has");
    }
    int mode = Modes.of(testCase);
    if (mode != Modes.COMPAT && mode != Modes.LONG64) {
      return Optional.of(Applicability.cannot(4));
    }
    return fixed("CR0", state.get(Register.CR0), CR0_FIXED0, CR0_FIXED1, 0)
        .or(() -> fixed("CR4", state.get(Register.CR4), CR4_FIXED0, CR4_FIXED1, 0));
  }

  private static String hex(long value) {
    return Long.toHexString(value).toUpperCase(Locale.ROOT) + "h";
  }
}
