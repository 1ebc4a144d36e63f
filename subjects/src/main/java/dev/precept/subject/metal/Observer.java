package dev.precept.subject.metal;

import dev.precept.cases.Case;
import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.Observation;
import dev.precept.cases.OutcomeKind;
import dev.precept.cases.Register;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Makes observations of the runner's results.
 *
 * <p>A case ends when SENTINEL or a handler is about to run, which the runner sees by an exit of
 * its own making: the UD2 there, or a nested page fault. Such an exit is told from one of the
 * instruction under test by its exit code and the guest's rIP.
 */
final class Observer {
  private static final int NMI = 2;
  private static final long PAGE_MASK = -0x1000L;

  /** Where handlers lie: 16 bytes for each vector. */
  private static final int HANDLER_SIZE = 16;

  private static final long RFLAGS_RF = 1 << 16;
  private static final byte IRET = (byte) 0xCF;

  /** Of GDTR and IDTR behind a VM exit (SDM vol. 3, 27.5.2). */
  private static final long LIMIT_BEHIND_EXIT = 0xFFFF;

  private final BootReport report;

  Observer(BootReport report) {
    this.report = report;
  }

  /**
   * What happened.
   *
   * @return nothing if the alarm came before the case had come to waiting: it must be run again
   */
  Optional<Observation> observe(Case testCase, RawResult raw) {
    String id = testCase.id();
    switch (raw.end()) {
      case Protocol.END_EXIT, Protocol.END_NATIVE -> {}
      case Protocol.END_ENTRY_FAULT -> {
        return unanswered(
            id,
            OutcomeKind.CRASH,
            (Vmcs.isOf(testCase) ? "VMLAUNCH" : "VMLOAD or VMRUN")
                + " in the host raised vector "
                + raw.detail());
      }
      case Protocol.END_ENTRY_FAILED -> {
        return unanswered(
            id, OutcomeKind.CRASH, "VMLAUNCH failed with VM-instruction error " + raw.detail());
      }
      case Protocol.END_PRIOR -> {
        return unanswered(
            id,
            OutcomeKind.CRASH,
            "the guest that goes before did not exit at its UD2, but with exit code "
                + hex(raw.detail()));
      }
      case Protocol.END_CANNOT -> {
        return unanswered(id, OutcomeKind.NOT_APPLICABLE, Applicability.cannot(raw.detail()));
      }
      default -> throw new ProtocolException(id + " ended with unknown code " + raw.end());
    }
    if (raw.marked(Protocol.MARK_STRAY)) {
      return unanswered(
          id,
          OutcomeKind.CRASH,
          "behind the exit the host got exception vector " + raw.detail() + " of the guest's");
    }
    Seen seen = new Seen(testCase, raw, report);
    if (raw.end() != Protocol.END_EXIT) {
      return outside(seen);
    }
    return Vmcs.isOf(testCase) ? vmxGuest(seen) : guest(seen);
  }

  private static Optional<Observation> unanswered(String id, OutcomeKind kind, String remark) {
    return Optional.of(Observation.unanswered(id, kind, remark));
  }

  private static String hex(long value) {
    return Long.toHexString(value).toUpperCase(Locale.ROOT) + "h";
  }

  /** A result, taken apart. */
  private static final class Seen {
    final Case testCase;
    final RawResult raw;
    final MachineState live;
    final Set<Register> unseen = EnumSet.of(Register.TSC, Register.SMM);
    final MemoryAfter memory;

    /** Fields of the case's VMCS, by encoding. */
    final SortedMap<Integer, Long> fields = new TreeMap<>();

    /** The guest's PAT under nested paging, which keeps it apart from the host's. */
    long guestPat;

    Seen(Case testCase, RawResult raw, BootReport report) {
      this.testCase = testCase;
      this.raw = raw;
      unseen.addAll(report.missing());
      live = Beginning.of(testCase).copy();
      guestPat = live.get(Register.PAT);
      memory = new MemoryAfter(testCase);
      if (testCase.controlBlock().present()) {
        for (int field : report.fields()) {
          fields.put(field, Vmcs.value(testCase.controlBlock().fields(), field));
        }
      }
      if (raw.marked(Protocol.MARK_LIMITS)) {
        live.set(Register.GDTR_LIMIT, LIMIT_BEHIND_EXIT);
        live.set(Register.IDTR_LIMIT, LIMIT_BEHIND_EXIT);
      }
      for (int i = 0; i < raw.keys().length; i++) {
        int kind = (int) (raw.keys()[i] >>> 32);
        int number = (int) raw.keys()[i];
        long value = raw.values()[i];
        switch (kind) {
          case Protocol.KEY_MEMORY -> memory(number & 0xFFFF_FFFFL, value);
          case Protocol.KEY_REGISTER -> live.set(register(number), value);
          case Protocol.KEY_NOT_SET -> unseen.add(register(number));
          case Protocol.KEY_FIELD -> fields.put(field(report, number), value);
          default -> throw new ProtocolException(testCase.id() + ": unknown kind of pair " + kind);
        }
      }
      if (raw.marked(Protocol.MARK_PROBED)) {
        live.set(Register.NMI_MASKED, raw.marked(Protocol.MARK_MASKED) ? 1 : 0);
        live.set(Register.GIF, raw.marked(Protocol.MARK_GIF) ? 1 : 0);
        if (raw.marked(Protocol.MARK_MASKED)) {
          unseen.add(Register.GIF);
        }
      } else {
        unseen.add(Register.NMI_MASKED);
        unseen.add(Register.GIF);
      }
    }

    /** A word of memory; those that the runner itself puts into a VMCB are not the case's. */
    private void memory(long address, long value) {
      long offset = address - controlBlock();
      if (nested() && offset == VmcbPage.G_PAT) {
        guestPat = value;
      } else if (nested() && offset == VmcbPage.NESTED_CONTROL) {
        memory.put(address, (value & ~1L) | (testCase.initialByte(address) & 1));
      } else {
        memory.put(address, value);
      }
    }

    private static Register register(int number) {
      if (number < 0 || number >= Register.COUNT) {
        throw new ProtocolException("there is no register " + number);
      }
      return Register.at(number);
    }

    private static int field(BootReport report, int number) {
      if (number < 0 || number >= report.fields().size()) {
        throw new ProtocolException("there is no VMCS field with number " + number);
      }
      return report.fields().get(number);
    }

    boolean nested() {
      return raw.end() == Protocol.END_EXIT && Sight.of(testCase) == Sight.PAGING;
    }

    long controlBlock() {
      return testCase.controlBlock().address();
    }

    /** Registers of segments ES, CS, SS, DS that only the processor knows. */
    void hideSegments() {
      for (int i = Register.ES_SEL.ordinal(); i <= Register.DS_BASE.ordinal(); i++) {
        if ((i - Register.ES_SEL.ordinal()) % 4 != 0) {
          unseen.add(Register.at(i));
        }
      }
    }

    /** What VMSAVE shows of FS, GS, LDTR and TR, and nothing else does, but for two bases. */
    void hideSystemSegments() {
      for (int i = Register.FS_SEL.ordinal(); i <= Register.TR_BASE.ordinal(); i++) {
        Register register = Register.at(i);
        boolean shown = register == Register.FS_BASE || register == Register.GS_BASE;
        if ((i - Register.FS_SEL.ordinal()) % 4 != 0 && !shown) {
          unseen.add(register);
        }
      }
    }

    /** {@code brought}: whether the fields of the VMCS go with it. */
    Observation observation(
        OutcomeKind kind,
        int vector,
        long errorCode,
        MachineState state,
        byte[] block,
        boolean brought) {
      List<Long> hidden = new ArrayList<>(List.of(Layout.HOST_SAVE));
      if (controlBlock() != 0) {
        hidden.add(controlBlock());
      }
      return new Observation(
          testCase.id(),
          kind,
          vector,
          errorCode,
          state,
          block,
          brought ? fields : Collections.emptySortedMap(),
          unseen,
          memory.changes(hidden),
          "");
    }
  }

  private Optional<Observation> guest(Seen seen) {
    VmcbPage block = new VmcbPage(seen.memory.page(seen.controlBlock()));
    MachineState guest = seen.live.copy();
    block.saved(guest);
    if (seen.nested()) {
      guest.set(Register.PAT, seen.guestPat);
    } else if (VmcbPage.nests(seen.testCase)) {
      guest.set(Register.PAT, block.guestPat());
    }
    if (VmcbPage.virtualizesLbr(seen.testCase)) {
      guest.set(Register.DEBUGCTL, block.guestDebugctl());
    }
    long code = block.exitCode();
    long at = Modes.linear(guest, guest.get(Register.RIP));
    if (code == VmcbPage.VMEXIT_NPF
        && Waiting.may(seen.testCase)
        && block.exitInfo2() == Layout.HANDLERS + NMI * HANDLER_SIZE) {
      at = block.exitInfo2(); // Bochs does not know rIP behind the alarm before an instruction.
    }
    long page = at & PAGE_MASK;
    boolean ours =
        (code == VmcbPage.VMEXIT_UD || (seen.nested() && code == VmcbPage.VMEXIT_NPF))
            && (page == Layout.SENTINEL || page == Layout.HANDLERS);
    if (ours) {
      if (seen.nested()) {
        // Nested paging has a PAT of its own, which the case does not ask for.
        seen.unseen.add(Register.PAT);
      }
      // The guest's GIF went with the exit that the runner made.
      seen.unseen.add(Register.GIF);
      return ended(seen, guest, at);
    }
    if (Waiting.may(seen.testCase) && code == VmcbPage.VMEXIT_NMI) {
      return halted(seen, guest, at);
    }
    if (seen.nested() && code == VmcbPage.VMEXIT_NPF) {
      return reached(seen, block.exitInfo2());
    }
    seen.hideSegments();
    seen.live.set(Register.RIP, Beginning.hostBehindExit(seen.testCase));
    if (seen.nested()) {
      seen.live.set(Register.PAT, seen.guestPat);
    }
    return Optional.of(
        seen.observation(
            OutcomeKind.EXIT, -1, -1, seen.live, seen.memory.page(seen.controlBlock()), false));
  }

  /** The alarm's NMI exited: the guest waited if it had come to the instruction behind. */
  private static Optional<Observation> halted(Seen seen, MachineState guest, long at) {
    if (at != Layout.SENTINEL) {
      return Optional.empty();
    }
    return Optional.of(seen.observation(OutcomeKind.HALTED, -1, -1, guest, new byte[0], false));
  }

  /** The guest reached for memory that watching it has taken away, or that it never had. */
  private static Optional<Observation> reached(Seen seen, long where) {
    boolean behind = (where & PAGE_MASK) == Layout.SENTINEL;
    return unanswered(
        seen.testCase.id(),
        OutcomeKind.NO_ANSWER,
        behind
            ? "the processor fetched on behind the instruction, to "
                + hex(where)
                + ", before it decided on it"
            : "the guest reached for " + hex(where) + ", where it has no memory");
  }

  private static Optional<Observation> vmxGuest(Seen seen) {
    MachineState guest = seen.live.copy();
    Set<Register> notSaved = Vmcs.saved(seen.fields, guest);
    long reason = Vmcs.value(seen.fields, Vmcs.EXIT_REASON);
    long event = Vmcs.value(seen.fields, Vmcs.EXIT_EVENT) & Vmcs.EVENT_WHAT;
    boolean violation = seen.nested() && reason == Vmcs.REASON_EPT_VIOLATION;
    long where = Vmcs.value(seen.fields, Vmcs.GUEST_PHYSICAL_ADDRESS);
    long at = Modes.linear(guest, guest.get(Register.RIP));
    if (violation && Waiting.may(seen.testCase) && where == Layout.HANDLERS + NMI * HANDLER_SIZE) {
      at = where; // As under nested paging.
    }
    long page = at & PAGE_MASK;
    boolean ud = reason == Vmcs.REASON_EVENT && event == Vmcs.EVENT_UD;
    if ((ud || violation) && (page == Layout.SENTINEL || page == Layout.HANDLERS)) {
      seen.unseen.addAll(notSaved);
      seen.unseen.add(Register.GIF);
      resumeFlag(seen, guest);
      return ended(seen, guest, at);
    }
    boolean alarm = reason == Vmcs.REASON_EVENT && event == Vmcs.EVENT_NMI;
    if (alarm && Waiting.may(seen.testCase)) {
      seen.unseen.addAll(notSaved);
      return halted(seen, guest, at);
    }
    boolean taken =
        (where & PAGE_MASK) == Layout.SENTINEL || (where & PAGE_MASK) == Layout.HANDLERS;
    if (violation && (taken || !Vmcs.hasEpt(seen.testCase))) {
      return reached(seen, where);
    }
    seen.hideSegments();
    seen.hideSystemSegments();
    seen.live.set(Register.RIP, Beginning.hostBehindExit(seen.testCase));
    return Optional.of(seen.observation(OutcomeKind.EXIT, -1, -1, seen.live, new byte[0], true));
  }

  /**
   * RFLAGS.RF as it was before the exit that the runner made, which saved it set (SDM vol. 3,
   * 27.3.3). Only IRET, of the instructions that complete, can leave it set (vol. 3, 17.3.1.1).
   */
  private static void resumeFlag(Seen seen, MachineState guest) {
    byte[] code = seen.testCase.code().bytes();
    if (code.length > 0 && code[code.length - 1] == IRET) {
      seen.unseen.add(Register.RFLAGS);
    }
    guest.set(Register.RFLAGS, guest.get(Register.RFLAGS) & ~RFLAGS_RF);
  }

  /** At SENTINEL or a handler, {@code at} its linear address. */
  private static Optional<Observation> ended(Seen seen, MachineState guest, long at) {
    if (at == Layout.SENTINEL) {
      return Optional.of(seen.observation(OutcomeKind.RETIRED, -1, -1, guest, new byte[0], false));
    }
    long offset = at - Layout.HANDLERS;
    if (offset == NMI * HANDLER_SIZE + 1) {
      // Behind the NOP that the runner has there.
      offset--;
      guest.set(Register.RIP, guest.get(Register.RIP) - 1);
    }
    if (offset < 0 || offset % HANDLER_SIZE != 0) {
      return unanswered(
          seen.testCase.id(),
          OutcomeKind.NO_ANSWER,
          "the guest ran on to linear address " + hex(at) + " without an end that can be seen");
    }
    return delivered(seen, guest, (int) (offset / HANDLER_SIZE), new byte[0]);
  }

  private static Optional<Observation> delivered(
      Seen seen, MachineState state, int vector, byte[] block) {
    long base = ExceptionFrame.stackBase(state, seen.memory);
    MachineState before = seen.testCase.state();
    ExceptionFrame frame = ExceptionFrame.read(before, state, base, seen.memory);
    if (Waiting.may(seen.testCase) && vector == NMI) {
      long from = Modes.linear(before, frame.rip());
      if (from != Layout.SENTINEL) {
        return Optional.empty();
      }
      return Optional.of(halted(seen, state, frame, block));
    }
    return Optional.of(
        seen.observation(
            OutcomeKind.DELIVERED,
            vector,
            frame.errorCode(),
            state,
            block,
            seen.raw.end() == Protocol.END_NATIVE));
  }

  /** The state that the alarm's NMI interrupted: delivery changed nothing but these. */
  private static Observation halted(
      Seen seen, MachineState handler, ExceptionFrame frame, byte[] block) {
    MachineState before = seen.testCase.state();
    MachineState state = handler.copy();
    for (int i = Register.ES_SEL.ordinal(); i <= Register.GS_BASE.ordinal(); i++) {
      state.set(Register.at(i), before.get(Register.at(i)));
      if (seen.testCase.steps() > 1) {
        // Instructions before may have loaded it, and the handler need not have what they loaded.
        seen.unseen.add(Register.at(i));
      }
    }
    state.set(Register.CS_SEL, frame.cs());
    state.set(Register.CPL, before.get(Register.CPL));
    state.set(Register.RIP, frame.rip());
    state.set(Register.RFLAGS, frame.rflags());
    state.set(Register.RSP, frame.rsp());
    seen.memory.forget(frame.address(), frame.bytes());
    // NMIs are blocked now, by the alarm itself.
    seen.unseen.add(Register.NMI_MASKED);
    return seen.observation(
        OutcomeKind.HALTED, -1, -1, state, block, seen.raw.end() == Protocol.END_NATIVE);
  }

  private Optional<Observation> outside(Seen seen) {
    seen.hideSegments();
    seen.unseen.add(Register.INTERRUPT_SHADOW);
    boolean retired = seen.raw.marked(Protocol.MARK_SENTINEL);
    if (retired && Modes.of(seen.testCase) == Modes.V86) {
      // The way out of virtual-8086 mode clears them.
      for (Register first : List.of(Register.FS_SEL, Register.GS_SEL)) {
        for (int part = 1; part < 4; part++) {
          seen.unseen.add(Register.at(first.ordinal() + part));
        }
      }
    }
    if (!report.svm()) {
      seen.hideSystemSegments();
    }
    byte[] block =
        seen.controlBlock() == 0 || Vmcs.isOf(seen.testCase)
            ? new byte[0]
            : seen.memory.page(seen.controlBlock());
    if (retired) {
      return Optional.of(seen.observation(OutcomeKind.RETIRED, -1, -1, seen.live, block, true));
    }
    return delivered(seen, seen.live, seen.raw.detail(), block);
  }
}
