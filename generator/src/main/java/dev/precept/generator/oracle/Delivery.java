package dev.precept.generator.oracle;

import dev.precept.cases.Layout;
import dev.precept.cases.Register;
import dev.precept.generator.state.BaseImages;
import dev.precept.generator.state.Setup;
import dev.precept.generator.vendor.Event;
import dev.precept.generator.vendor.Vectors;
import dev.precept.tables.Mode;
import dev.precept.tables.expr.PartialValue;
import java.util.List;
import java.util.Optional;

/**
 * Delivery through a case's own IDT (APM vol. 2, 8.6 real mode, 8.7 legacy protected mode, 8.8
 * virtual-8086 mode, 8.9 long mode): frame, stack switch, flags.
 */
final class Delivery {
  private static final long TF = 0x100, IF = 0x200, NT = 0x4000, RF = 0x1_0000, VM = 0x2_0000;
  private static final long AC = 0x4_0000, IOPL = 0x3000, VIF = 0x8_0000;
  private static final int DB = 1, DF = 8;

  private static final List<Register> SPOILT_BY_V86 =
      List.of(
          Register.ES_ATTR,
          Register.ES_LIMIT,
          Register.ES_BASE,
          Register.DS_ATTR,
          Register.DS_LIMIT,
          Register.DS_BASE,
          Register.FS_ATTR,
          Register.FS_LIMIT,
          Register.FS_BASE,
          Register.GS_ATTR,
          Register.GS_LIMIT,
          Register.GS_BASE);

  private Delivery() {}

  /**
   * Delivers {@code vector} on {@code to}'s state.
   *
   * @param errorCode error code, used if the vector has one and the event is an exception
   * @param returnRip rIP that is pushed
   * @param fault whether a fault is delivered, whose frame has RF set
   * @param software whether INT n raised it: no error code
   */
  static void deliver(
      Setup setup,
      Prediction to,
      int vector,
      PartialValue errorCode,
      long returnRip,
      boolean fault,
      boolean software) {
    if (software && redirected(setup, vector)) {
      redirect(to, setup, vector, returnRip);
      return;
    }
    boolean hasError = Vectors.hasErrorCode(vector) && !software && setup.mode() != Mode.REAL;
    Optional<PartialValue> error = hasError ? Optional.of(errorCode) : Optional.empty();
    PartialValue flags = flagsImage(vector, to.state.get(Register.RFLAGS), fault);
    deliver(setup, to, vector, error, returnRip, flags);
  }

  /**
   * Delivers an event that is taken before the instruction.
   *
   * @param open bits of RFLAGS in its frame that are not compared
   */
  static void deliver(Setup setup, Prediction to, Event event, long returnRip, long open) {
    PartialValue flags = new PartialValue(to.state.get(Register.RFLAGS), open);
    Optional<PartialValue> error =
        event.hasErrorCode()
            ? Optional.of(new PartialValue(event.errorCode(), 0))
            : Optional.empty();
    deliver(setup, to, event.vector(), error, returnRip, flags);
  }

  private static void deliver(
      Setup setup,
      Prediction to,
      int vector,
      Optional<PartialValue> error,
      long returnRip,
      PartialValue flags) {
    if (setup.mode() == Mode.REAL) {
      real(to, vector, returnRip);
    } else if (BaseImages.longMode(setup.mode())) {
      frame64(setup, to, vector, error, returnRip, flags);
    } else {
      frame32(setup, to, vector, error, returnRip, flags);
    }
    error.ifPresent(code -> to.field(dev.precept.cases.Outcome.ERROR_CODE, code));
  }

  private static void real(Prediction to, int vector, long returnRip) {
    long sp = to.state.get(Register.RSP);
    long flags = to.state.get(Register.RFLAGS);
    long[] words = {flags, to.state.get(Register.CS_SEL), returnRip};
    for (long word : words) {
      sp = (sp & ~0xFFFFL) | (sp - 2 & 0xFFFF);
      to.memory(to.state.get(Register.SS_BASE) + (sp & 0xFFFF), 2, word);
    }
    to.state.set(Register.RSP, sp);
    to.state.set(Register.RFLAGS, flags & ~(TF | IF | RF | AC));
    to.state.set(Register.CS_SEL, Layout.HANDLERS >> 4);
    to.state.set(Register.CS_BASE, Layout.HANDLERS);
    to.state.set(Register.RIP, BaseImages.handler(vector) - Layout.HANDLERS);
  }

  /**
   * Whether the form is an INT n that virtual-8086 mode extensions keep in that mode: the bit of
   * its vector in the 32 bytes below the I/O permission bitmap is clear (SDM vol. 3, 20.3.3).
   */
  private static boolean redirected(Setup setup, int vector) {
    boolean vme =
        setup.mode() == Mode.V86
            && setup.info().has("ib")
            && setup.info().relevant().contains("vme.map");
    if (!vme) {
      return false;
    }
    long map = Layout.TSS + setup.memory().read(Layout.TSS + 0x66, 2) - 32;
    return (setup.memory().read8(map + (vector >> 3)) >> (vector & 7) & 1) == 0;
  }

  /** Methods 5 and 6 of SDM vol. 3, table 20-2: IF, or VIF in its place where IOPL is below 3. */
  private static void redirect(Prediction to, Setup setup, int vector, long returnRip) {
    long flags = to.state.get(Register.RFLAGS);
    boolean virtual = (flags & IOPL) != IOPL;
    long image = flags;
    if (virtual) {
      image = (flags & ~IF) | IOPL | ((flags & VIF) != 0 ? IF : 0);
    }
    Pusher push = new Pusher(to, 2, 0xFFFF, to.state.get(Register.SS_BASE));
    push.push(image);
    push.push(to.state.get(Register.CS_SEL));
    push.push(returnRip);
    to.state.set(Register.RFLAGS, flags & ~(TF | (virtual ? VIF : IF)));
    // The vector table's page is mapped to this one.
    long entry = setup.memory().read(Layout.RESERVED_BIT_PAGE + 4L * vector, 4);
    to.state.set(Register.CS_SEL, entry >>> 16);
    to.state.set(Register.CS_BASE, entry >>> 16 << 4);
    to.state.set(Register.RIP, entry & 0xFFFF);
  }

  private static void frame32(
      Setup setup,
      Prediction to,
      int vector,
      Optional<PartialValue> error,
      long returnRip,
      PartialValue image) {
    boolean v86 = setup.mode() == Mode.V86;
    Handler handler = Handler.of(setup, vector);
    int cpl = handler.cpl((int) to.state.get(Register.CPL));
    boolean inner = to.state.get(Register.CPL) > cpl;
    long flags = to.state.get(Register.RFLAGS);
    long oldSs = to.state.get(Register.SS_SEL);
    long oldSp = to.state.get(Register.RSP);
    long mask = 0xFFFF_FFFFL;
    if (inner) {
      int selector = handler.innerSs(cpl);
      Handler.Descriptor stack = Handler.Descriptor.of(setup, selector);
      accessed(to, stack);
      to.state.set(Register.SS_SEL, selector);
      to.state.set(Register.SS_ATTR, stack.attributes() | 1);
      to.state.set(Register.SS_LIMIT, stack.limit());
      to.state.set(Register.SS_BASE, stack.base());
      to.state.set(Register.RSP, handler.innerSp(cpl));
    }
    if ((to.state.get(Register.SS_ATTR) & 0x400) == 0) {
      mask = 0xFFFF;
    }
    Pusher push = new Pusher(to, handler.wide() ? 4 : 2, mask, to.state.get(Register.SS_BASE));
    if (v86) {
      for (Register register :
          List.of(Register.GS_SEL, Register.FS_SEL, Register.DS_SEL, Register.ES_SEL)) {
        push.push(to.state.get(register));
        to.state.set(register, 0);
      }
      to.unspecified.addAll(SPOILT_BY_V86);
    }
    if (inner) {
      push.push(oldSs);
      push.push(oldSp);
    }
    push.push(image);
    push.push(to.state.get(Register.CS_SEL));
    push.push(returnRip);
    error.ifPresent(push::push);
    enter(to, handler, cpl, flags);
  }

  private static void frame64(
      Setup setup,
      Prediction to,
      int vector,
      Optional<PartialValue> error,
      long returnRip,
      PartialValue image) {
    Handler handler = Handler.of(setup, vector);
    int cpl = handler.cpl((int) to.state.get(Register.CPL));
    boolean inner = to.state.get(Register.CPL) > cpl;
    long flags = to.state.get(Register.RFLAGS);
    long oldSs = to.state.get(Register.SS_SEL);
    long oldSp = to.state.get(Register.RSP);
    boolean switched = inner || handler.ist() != 0;
    long rsp = switched ? handler.innerSp64(cpl) : oldSp;
    to.state.set(Register.RSP, rsp & ~0xFL);
    if (inner) {
      to.state.set(Register.SS_SEL, cpl);
      to.unspecified.addAll(List.of(Register.SS_ATTR, Register.SS_LIMIT, Register.SS_BASE));
    }
    Pusher push = new Pusher(to, 8, -1L, 0);
    push.push(oldSs);
    push.push(oldSp);
    push.push(image);
    push.push(to.state.get(Register.CS_SEL));
    push.push(returnRip);
    error.ifPresent(push::push);
    enter(to, handler, cpl, flags);
  }

  /**
   * The flags that are pushed. Faults push RF as 1 so that an instruction breakpoint is not taken
   * again; what #DB faults and #DF, an abort, push is not found in the manual and left open.
   */
  private static PartialValue flagsImage(int vector, long flags, boolean fault) {
    boolean open = fault && (vector == DB || vector == DF);
    return new PartialValue(fault ? flags | RF : flags & ~RF, open ? RF : 0);
  }

  /**
   * Whether the frame of an event would go to the stack that the instruction itself uses: no change
   * of privilege and no stack of the gate's own.
   */
  static boolean onOwnStack(Setup setup) {
    return setup.mode() == Mode.REAL
        || (setup.before().get(Register.CPL) == 0 && setup.mode() != Mode.COMPAT);
  }

  /**
   * Leaves open whether SS is null or as it was, if the gate of {@code vector} names a stack of the
   * IST and CPL does not change.
   */
  static void leaveIstSegmentOpen(Setup setup, Prediction to, int vector) {
    if (!BaseImages.longMode(setup.mode())) {
      return;
    }
    Handler handler = Handler.of(setup, vector);
    int cpl = (int) setup.before().get(Register.CPL);
    if (handler.ist() != 0 && handler.cpl(cpl) == cpl) {
      to.defined(Register.SS_SEL, ~(setup.before().get(Register.SS_SEL) ^ cpl));
      to.unspecified.addAll(List.of(Register.SS_ATTR, Register.SS_LIMIT, Register.SS_BASE));
    }
  }

  private static void enter(Prediction to, Handler handler, int cpl, long flags) {
    Handler.Descriptor code = Handler.Descriptor.of(handler.setup(), handler.selector());
    accessed(to, code);
    to.state.set(Register.CPL, cpl);
    to.state.set(Register.CS_SEL, (handler.selector() & ~3) | cpl);
    to.state.set(Register.CS_ATTR, code.attributes() | 1);
    to.state.set(Register.CS_LIMIT, code.limit());
    to.state.set(Register.CS_BASE, code.base());
    to.state.set(Register.RIP, handler.offset());
    to.state.set(Register.RFLAGS, flags & ~(TF | NT | RF | VM | (handler.trap() ? 0 : IF)));
  }

  /** What loading a code or data segment makes of its descriptor in memory. */
  private static void accessed(Prediction to, Handler.Descriptor descriptor) {
    to.memory(descriptor.address() + 5, 1, (descriptor.attributes() & 0xFF) | 1);
  }

  /** Pushes on the stack that {@code to}'s state has. */
  private record Pusher(Prediction to, int size, long mask, long base) {
    void push(long value) {
      push(new PartialValue(value, 0));
    }

    void push(PartialValue value) {
      long rsp = to.state.get(Register.RSP);
      rsp = (rsp & ~mask) | (rsp - size & mask);
      to.state.set(Register.RSP, rsp);
      to.memory(base + (rsp & mask), size, value);
    }
  }
}
