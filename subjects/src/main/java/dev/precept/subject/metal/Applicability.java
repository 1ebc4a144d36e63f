package dev.precept.subject.metal;

import dev.precept.cases.Case;
import dev.precept.cases.Context;
import dev.precept.cases.FeatureBit;
import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Register;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Whether a machine can run a case at all, from what the runner found when it booted. */
final class Applicability {
  private static final char[] CPUID_REGISTERS = {'A', 'B', 'C', 'D'};

  private static final long SMEP_SMAP = 0x30_0000;

  private static final byte[] ENTRY_SVM = {0x0F, 0x01, (byte) 0xDA, 0x0F, 0x01, (byte) 0xD8};
  private static final byte[] ENTRY_VMX = {0x0F, 0x01, (byte) 0xC2};

  /** The one host that the runner is when it executes VMRUN or VMLAUNCH. */
  private static final Map<Register, Long> HOME = new EnumMap<>(Register.class);

  static {
    HOME.put(Register.RSP, Layout.HOST_STACK + 0x800);
    HOME.put(Register.RIP, Layout.HOST_CODE);
    HOME.put(Register.RFLAGS, 2L);
    HOME.put(Register.CR0, 0x8001_0031L);
    HOME.put(Register.CR3, Layout.HOST_PML4);
    HOME.put(Register.DR7, 0x400L);
    HOME.put(Register.CS_SEL, 8L);
    HOME.put(Register.SS_SEL, 0x10L);
    HOME.put(Register.DS_SEL, 0x10L);
    HOME.put(Register.ES_SEL, 0x10L);
    HOME.put(Register.GDTR_BASE, Layout.HOST_GDT);
    HOME.put(Register.GDTR_LIMIT, 0x27L);
    HOME.put(Register.IDTR_BASE, Layout.HOST_IDT);
    HOME.put(Register.IDTR_LIMIT, 0xFFFL);
    HOME.put(Register.CPL, 0L);
  }

  /**
   * Bits of CR4 that a processor without the feature does not let anybody set, and that feature.
   */
  private static final Map<Integer, FeatureBit> CR4_FEATURES =
      Map.of(
          11, new FeatureBit(7, 0, 2, 2, true),
          16, new FeatureBit(7, 0, 1, 0, true),
          17, new FeatureBit(1, 0, 2, 17, true),
          18, new FeatureBit(1, 0, 2, 26, true),
          20, new FeatureBit(7, 0, 1, 7, true),
          21, new FeatureBit(7, 0, 1, 20, true));

  private Applicability() {}

  /** Why the machine cannot run the case, for a person; nothing if it can. */
  static Optional<String> reason(Case testCase, BootReport report) {
    Optional<String> other = vendor(testCase, report);
    if (other.isPresent()) {
      return other;
    }
    for (FeatureBit bit : testCase.features()) {
      if (!report.agrees(bit)) {
        return Optional.of(
            "the case needs "
                + name(bit)
                + (bit.present() ? " set, and the processor does not have it" : " clear"));
      }
    }
    boolean vmx = Vmcs.isOf(testCase);
    MachineState state = testCase.state();
    for (Map.Entry<Integer, FeatureBit> feature : CR4_FEATURES.entrySet()) {
      boolean set = (state.get(Register.CR4) >>> feature.getKey() & 1) != 0;
      if (set && !report.has(feature.getValue())) {
        return Optional.of(
            "the case begins with CR4["
                + feature.getKey()
                + "] set, which needs "
                + name(feature.getValue())
                + ", and the processor does not have it");
      }
    }
    if (state.get(Register.SMM) != 0) {
      return Optional.of("the runner cannot begin a case in system-management mode");
    }
    for (MemoryPatch patch : testCase.memory()) {
      if (patch.address() >= Layout.HOST_CODE
          && patch.address() < Layout.SMM_SAVE
          && !patch.equals(new MemoryPatch(Layout.HOST_CODE, vmx ? ENTRY_VMX : ENTRY_SVM))) {
        return Optional.of("the case changes memory in which the runner's host lives");
      }
    }
    if (vmx) {
      Optional<String> lacks = VmxAbility.lacking(testCase, report);
      if (lacks.isPresent()) {
        return lacks;
      }
    }
    return testCase.context() == Context.GUEST ? guest(testCase, report) : host(testCase);
  }

  /** A case is for processors of its vendor, whether it enters a guest or not. */
  private static Optional<String> vendor(Case testCase, BootReport report) {
    if (Vmcs.isOf(testCase)) {
      return report.vmx()
          ? Optional.empty()
          : Optional.of("the processor has no VMX, or the firmware switched it off");
    }
    boolean enters = testCase.context() == Context.GUEST || testCase.controlBlock().present();
    return report.vmx() || (enters && !report.svm())
        ? Optional.of("the processor has no SVM, or the firmware switched it off")
        : Optional.empty();
  }

  private static Optional<String> guest(Case testCase, BootReport report) {
    boolean vmx = Vmcs.isOf(testCase);
    if (testCase.host().get(Register.CR4) != (vmx ? 0x2020 : 0x20)
        || testCase.host().get(Register.EFER) != (vmx ? 0x500 : 0x1500)) {
      return Optional.of("the runner's host has another CR4 or EFER");
    }
    for (Map.Entry<Register, Long> home : HOME.entrySet()) {
      if (testCase.host().get(home.getKey()) != home.getValue()) {
        return Optional.of("the runner's host has another " + home.getKey());
      }
    }
    if (Sight.of(testCase) == Sight.PAGING && Sight.fetchesOn(testCase)) {
      return Optional.of(
          "the end would be seen by the absence of the page behind the instruction, which begins"
              + " like a longer one that reaches into that page");
    }
    if (!vmx && Sight.of(testCase) == Sight.PAGING && VmcbPage.nests(testCase)) {
      return Optional.of(
          "the end of a guest that does not intercept #UD is seen by nested paging, which the case"
              + " has for itself");
    }
    if (!vmx && Sight.of(testCase) == Sight.PAGING && !report.nestedPaging()) {
      return Optional.of(
          "the end of a guest that does not intercept #UD is seen by nested paging, which the"
              + " processor does not have");
    }
    return Optional.empty();
  }

  private static Optional<String> host(Case testCase) {
    MachineState state = testCase.state();
    if (state.get(Register.NMI_MASKED) != 0) {
      return Optional.of("the runner cannot block NMIs outside a guest");
    }
    if (state.get(Register.INTERRUPT_SHADOW) != 0) {
      return Optional.of("the runner cannot begin a case in an interrupt shadow outside a guest");
    }
    if ((state.get(Register.CR4) & SMEP_SMAP) != 0) {
      return Optional.of("the runner is in user pages, which CR4.SMEP and SMAP keep CPL 0 from");
    }
    return Optional.empty();
  }

  /** The bit as the manuals write it: {@code CPUID 8000000Ah EDX[3]}. */
  static String name(FeatureBit bit) {
    String leaf = Integer.toHexString(bit.leaf()).toUpperCase(Locale.ROOT);
    if (bit.register() == FeatureBit.MSR) {
      return "MSR " + leaf + "h[" + bit.bit() + "]";
    }
    return "CPUID "
        + leaf
        + (bit.leaf() < 0 || bit.leaf() > 9 ? "h" : "")
        + (bit.subleaf() == 0 && bit.leaf() != 7 ? "" : "." + bit.subleaf())
        + " E"
        + CPUID_REGISTERS[bit.register()]
        + "X["
        + bit.bit()
        + "]";
  }

  /** What the runner's reasons for being unable to set a case up mean. */
  static String cannot(int reason) {
    return switch (reason) {
      case 1 -> "the runner cannot load the case's segment registers outside a guest";
      case 2 -> "the case leaves the runner no way back from outside a guest";
      case 3 -> "the runner cannot set RFLAGS.TF at CPL 0 outside long mode and guests";
      case 4 -> "in VMX operation the processor stays in long mode, so the runner cannot leave it";
      default -> "the runner cannot set this case up (reason " + reason + ")";
    };
  }
}
