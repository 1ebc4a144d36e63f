package dev.precept.core.vmx;

import dev.precept.core.CpuState;
import dev.precept.core.vmx.VmxControls.ProcBased;
import dev.precept.core.vmx.VmxControls.ProcBased2;
import dev.precept.core.vmx.VmxControls.ProcBased3;
import java.util.List;
import java.util.function.Consumer;

/**
 * Every instruction that exits, with what makes it exit in 64-bit mode at CPL 0, from SDM vol. 3C,
 * 25.1.2 and 25.1.3. Memory operands are at [RAX], which holds {@link VmxMachine#DATA}.
 *
 * @param name the manual's
 * @param code hex digits
 * @param reason basic exit reason
 * @param needs state without which the instruction is #UD
 * @param control what makes it exit; none where it always does
 * @param cpl3 outcome at CPL 3 with CR4.TSD and UMIP clear, PCE set, IOPL 0: EXIT, UD or GP
 * @param modes for real-address, virtual-8086 and compatibility mode (there at CPL 0): E exit, U
 *     #UD, G #GP, - does not apply
 */
record Exiting(
    String name,
    String code,
    int reason,
    Consumer<VmxMachine> needs,
    Consumer<VmxMachine> control,
    String cpl3,
    String modes) {
  @SuppressWarnings("UnnecessaryLambda") // Compared by identity, which a method reference has not.
  private static final Consumer<VmxMachine> NOTHING = m -> {};

  private static Exiting always(String name, String code, int reason, String cpl3, String modes) {
    return new Exiting(name, code, reason, NOTHING, NOTHING, cpl3, modes);
  }

  private static Exiting proc(
      String name, String code, int reason, int control, String cpl3, String modes) {
    return new Exiting(name, code, reason, NOTHING, m -> m.proc(control), cpl3, modes);
  }

  private static Exiting proc2(
      String name, String code, int reason, int control, String cpl3, String modes) {
    return new Exiting(name, code, reason, NOTHING, m -> m.proc2(control), cpl3, modes);
  }

  private static Exiting table(String name, String code, int reason, String cpl3, String modes) {
    return proc2(name, code, reason, ProcBased2.DESCRIPTOR_TABLE_EXITING, cpl3, modes);
  }

  private Exiting needing(Consumer<VmxMachine> more) {
    return new Exiting(name, code, reason, needs.andThen(more), control, cpl3, modes);
  }

  private Exiting exitingWith(Consumer<VmxMachine> more) {
    return new Exiting(name, code, reason, needs, control.andThen(more), cpl3, modes);
  }

  private static Consumer<VmxMachine> cr4(long bits) {
    return m -> m.set(VmcsField.GUEST_CR4, m.get(VmcsField.GUEST_CR4) | bits);
  }

  /** Whether the instruction exits whatever the controls. */
  boolean unconditional() {
    return control == NOTHING;
  }

  static List<Exiting> all() {
    Consumer<VmxMachine> allMsrs = m -> m.noProc(ProcBased.USE_MSR_BITMAPS);
    Consumer<VmxMachine> supervisorState =
        m -> {
          m.set(VmcsField.XSS_EXITING_BITMAP, 1 << 10);
          m.state.xss = 1 << 10;
          m.state.gpr[0] = 1 << 10;
          m.state.gpr[3] = VmxMachine.DATA;
        };
    Consumer<VmxMachine> osxsave = cr4(CpuState.CR4_OSXSAVE);
    Consumer<VmxMachine> xsaves = osxsave.andThen(m -> m.proc2(ProcBased2.ENABLE_XSAVES_XRSTORS));
    Consumer<VmxMachine> userWait = m -> m.proc2(ProcBased2.ENABLE_USER_WAIT_AND_PAUSE);
    Consumer<VmxMachine> msrList = m -> m.proc3(ProcBased3.ENABLE_MSR_LIST);
    return List.of(
        always("CPUID", "0FA2", 10, "EXIT", "EEE"),
        always("GETSEC", "0F37", 11, "EXIT", "EEE").needing(cr4(CpuState.CR4_SMXE)),
        always("INVD", "0F08", 13, "GP", "EGE"),
        always("XSETBV", "0F01D1", 55, "GP", "EGE").needing(osxsave),
        always("VMCALL", "0F01C1", 18, "EXIT", "EEE"),
        always("VMCLEAR", "660FC730", 19, "EXIT", "UUU"),
        always("VMLAUNCH", "0F01C2", 20, "EXIT", "UUU"),
        always("VMPTRLD", "0FC730", 21, "EXIT", "UUU"),
        always("VMPTRST", "0FC738", 22, "EXIT", "UUU"),
        always("VMREAD", "0F78C3", 23, "EXIT", "UUU"),
        always("VMRESUME", "0F01C3", 24, "EXIT", "UUU"),
        always("VMWRITE", "0F79C3", 25, "EXIT", "UUU"),
        always("VMXOFF", "0F01C4", 26, "EXIT", "UUU"),
        always("VMXON", "F30FC730", 27, "EXIT", "UUU"),
        always("INVEPT", "660F388000", 50, "EXIT", "UUU"),
        always("INVVPID", "660F388100", 53, "EXIT", "UUU"),
        proc("HLT", "F4", 12, ProcBased.HLT_EXITING, "GP", "EGE"),
        proc("INVLPG", "0F0138", 14, ProcBased.INVLPG_EXITING, "GP", "EGE"),
        proc("INVPCID", "660F388200", 58, ProcBased.INVLPG_EXITING, "GP", "EGE")
            .needing(m -> m.proc2(ProcBased2.ENABLE_INVPCID)),
        proc("RDPMC", "0F33", 15, ProcBased.RDPMC_EXITING, "EXIT", "EEE")
            .needing(cr4(CpuState.CR4_PCE)),
        proc("RDTSC", "0F31", 16, ProcBased.RDTSC_EXITING, "EXIT", "EEE"),
        proc("RDTSCP", "0F01F9", 51, ProcBased.RDTSC_EXITING, "EXIT", "EEE")
            .needing(m -> m.proc2(ProcBased2.ENABLE_RDTSCP)),
        proc("UMWAIT", "F20FAEF3", 67, ProcBased.RDTSC_EXITING, "EXIT", "EEE").needing(userWait),
        proc("TPAUSE", "660FAEF3", 68, ProcBased.RDTSC_EXITING, "EXIT", "EEE").needing(userWait),
        proc("MONITOR", "0F01C8", 39, ProcBased.MONITOR_EXITING, "UD", "EUE"),
        proc("MWAIT", "0F01C9", 36, ProcBased.MWAIT_EXITING, "UD", "EUE"),
        proc("PAUSE", "F390", 40, ProcBased.PAUSE_EXITING, "EXIT", "EEE"),
        proc("MOV from DR", "0F21D3", 29, ProcBased.MOV_DR_EXITING, "EXIT", "EEE"),
        proc("MOV to DR", "0F23D3", 29, ProcBased.MOV_DR_EXITING, "EXIT", "EEE"),
        proc("MOV from CR3", "0F20DB", 28, ProcBased.CR3_STORE_EXITING, "GP", "EGE"),
        proc("MOV to CR3", "0F22DB", 28, ProcBased.CR3_LOAD_EXITING, "GP", "EGE"),
        proc("MOV from CR8", "440F20C3", 28, ProcBased.CR8_STORE_EXITING, "GP", "---"),
        proc("MOV to CR8", "440F22C3", 28, ProcBased.CR8_LOAD_EXITING, "GP", "---"),
        proc("MOV to CR0", "0F22C3", 28, 0, "GP", "EGE")
            .exitingWith(m -> m.set(VmcsField.CR0_GUEST_HOST_MASK, 1 << 16))
            .exitingWith(m -> m.set(VmcsField.CR0_READ_SHADOW, 1 << 16)),
        proc("MOV to CR4", "0F22E3", 28, 0, "GP", "EGE")
            .exitingWith(m -> m.set(VmcsField.CR4_GUEST_HOST_MASK, 4))
            .exitingWith(m -> m.set(VmcsField.CR4_READ_SHADOW, 4)),
        proc("CLTS", "0F06", 28, 0, "GP", "EGE")
            .exitingWith(m -> m.set(VmcsField.CR0_GUEST_HOST_MASK, 8))
            .exitingWith(m -> m.set(VmcsField.CR0_READ_SHADOW, 8)),
        proc("LMSW", "0F01F3", 28, 0, "GP", "EGE")
            .exitingWith(m -> m.set(VmcsField.CR0_GUEST_HOST_MASK, 8))
            .exitingWith(m -> m.set(VmcsField.CR0_READ_SHADOW, 8)),
        proc("IN", "EC", 30, ProcBased.UNCONDITIONAL_IO_EXITING, "GP", "EGE"),
        proc("OUT", "E680", 30, ProcBased.UNCONDITIONAL_IO_EXITING, "GP", "EGE"),
        proc("INS", "6C", 30, ProcBased.UNCONDITIONAL_IO_EXITING, "GP", "EGE"),
        proc("OUTS", "6E", 30, ProcBased.UNCONDITIONAL_IO_EXITING, "GP", "EGE"),
        new Exiting("RDMSR", "0F32", 31, NOTHING, allMsrs, "GP", "EGE"),
        new Exiting("WRMSR", "0F30", 32, NOTHING, allMsrs, "GP", "EGE"),
        table("SGDT", "0F0100", 46, "EXIT", "EEE"),
        table("SIDT", "0F0108", 46, "EXIT", "EEE"),
        table("LGDT", "0F0110", 46, "GP", "EGE"),
        table("LIDT", "0F0118", 46, "GP", "EGE"),
        table("SLDT", "0F0000", 47, "EXIT", "UUE"),
        table("STR", "0F0008", 47, "EXIT", "UUE"),
        table("LLDT", "0F0010", 47, "GP", "UUE"),
        table("LTR", "0F0018", 47, "GP", "UUE"),
        proc2("WBINVD", "0F09", 54, ProcBased2.WBINVD_EXITING, "GP", "EGE"),
        proc2("WBNOINVD", "F30F09", 54, ProcBased2.WBINVD_EXITING, "GP", "EGE"),
        proc2("RDRAND", "0FC7F3", 57, ProcBased2.RDRAND_EXITING, "EXIT", "EEE"),
        proc2("RDSEED", "0FC7FB", 61, ProcBased2.RDSEED_EXITING, "EXIT", "EEE"),
        new Exiting("XSAVES", "0FC72B", 63, xsaves, supervisorState, "GP", "EGE"),
        new Exiting("XRSTORS", "0FC71B", 64, xsaves, supervisorState, "GP", "EGE"),
        proc2("ENCLS", "0F01CF", 60, ProcBased2.ENABLE_ENCLS_EXITING, "UD", "UUE")
            .exitingWith(m -> m.set(VmcsField.ENCLS_EXITING_BITMAP, -1L)),
        new Exiting(
            "PCONFIG",
            "0F01C5",
            65,
            m -> m.proc2(ProcBased2.ENABLE_PCONFIG),
            m -> m.set(VmcsField.PCONFIG_EXITING_BITMAP, -1L),
            "UD",
            "EUE"),
        new Exiting(
            "LOADIWKEY",
            "F30F38DCC1",
            69,
            cr4(CpuState.CR4_KL | CpuState.CR4_OSFXSR),
            m -> m.proc3(ProcBased3.LOADIWKEY_EXITING),
            "GP",
            "EGE"),
        new Exiting("RDMSRLIST", "F20F01C6", 78, msrList, allMsrs, "GP", "--U"),
        new Exiting("WRMSRLIST", "F30F01C6", 79, msrList, allMsrs, "GP", "--U"));
  }

  /** A machine whose guest, in 64-bit mode at CPL 0, will execute the instruction and exit. */
  VmxMachine armed() {
    VmxMachine m = plain();
    control.accept(m);
    return m;
  }

  /** The same with the control clear. */
  VmxMachine plain() {
    VmxMachine m = new VmxMachine().code(code);
    m.state.gpr[0] = VmxMachine.DATA;
    m.state.gpr[3] = 1;
    needs.accept(m);
    return m;
  }

  int length() {
    return code.length() / 2;
  }

  @Override
  public String toString() {
    return name;
  }
}
