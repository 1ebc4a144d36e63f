package dev.precept.subject.metal;

import dev.precept.cases.BaseImage;
import dev.precept.cases.Case;
import dev.precept.cases.Context;
import dev.precept.cases.ControlBlock;
import dev.precept.cases.FeatureBit;
import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.MemoryPatch;
import dev.precept.cases.Register;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Real-mode cases written by hand: in a guest with a VMCB, or outside any. */
final class HandMade {
  /** Exception intercepts that are set unless a case says otherwise: all but vectors 2 and 9. */
  private static final int ALL_EXCEPTIONS = 0xFFFF_FDFB;

  /** G_PAT of a guest with nested paging. */
  static final long OTHER_PAT = 0x0001_0506_0701_0405L;

  /** VMCS fields (SDM vol. 3, appendix B). */
  static final int CS_ACCESS = 0x4816, CS_BASE = 0x6808, RIP = 0x681E, RFLAGS = 0x6820;

  private static final BaseImage BASE = base("hand-made real");

  private final String id;
  private final byte[] code;
  private final List<MemoryPatch> more = new ArrayList<>();
  private final List<FeatureBit> features = new ArrayList<>();
  private final MachineState state = new MachineState();
  private int exceptions = ALL_EXCEPTIONS;
  private long others;
  private Context context = Context.GUEST;
  private boolean prior;
  private boolean guests = true;
  private boolean nested;
  private int event;

  private HandMade(String id, int... code) {
    this.id = id;
    this.code = new byte[code.length];
    for (int i = 0; i < code.length; i++) {
      this.code[i] = (byte) code[i];
    }
    registers();
  }

  /** A case of one instruction, the last in page CODE. */
  static HandMade of(String id, int... code) {
    return new HandMade(id, code);
  }

  /** Outside any guest, behind one that came and went. */
  HandMade outside() {
    context = Context.HOST;
    state.set(Register.EFER, 0);
    return this;
  }

  /** Outside any guest, without one before. */
  HandMade withoutGuests() {
    guests = false;
    return outside();
  }

  /** With EVENTINJ. */
  HandMade injecting(long bits) {
    event = (int) bits;
    return this;
  }

  /** Under nested paging: a page of 2 MiB, mapped to itself with these bits. */
  HandMade nested(int bits) {
    nested = true;
    return memory(Layout.NPT_PML4, 0x67, 0x90, 0x05)
        .memory(Layout.NPT_PDPT, 0x67, 0xA0, 0x05)
        .memory(Layout.NPT_PD, 0x80 | bits);
  }

  /** With intercept bit {@code bit} of the vector at offset 00Ch. */
  HandMade intercept(int bit) {
    others |= 1L << bit;
    return this;
  }

  /** Without exception intercepts. */
  HandMade exceptionsOff() {
    exceptions = 0;
    return this;
  }

  /** Behind another guest. */
  HandMade afterAnother() {
    prior = true;
    return this;
  }

  HandMade with(Register register, long value) {
    state.set(register, value);
    return this;
  }

  HandMade memory(long address, int... bytes) {
    byte[] all = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      all[i] = (byte) bytes[i];
    }
    more.add(new MemoryPatch(address, all));
    return this;
  }

  HandMade needs(FeatureBit bit) {
    features.add(bit);
    return this;
  }

  Case build() {
    state.set(Register.RIP, 0x1000 - code.length);
    List<MemoryPatch> memory = new ArrayList<>(more);
    MemoryPatch instruction = new MemoryPatch(Layout.SENTINEL - code.length, code);
    memory.add(instruction);
    boolean guest = context == Context.GUEST;
    memory.add(new MemoryPatch(Layout.CONTROL_BLOCK, vmcb(guest)));
    if (prior) {
      memory.add(new MemoryPatch(Layout.PRIOR_CONTROL_BLOCK, vmcb(false)));
    }
    memory.add(
        new MemoryPatch(
            Layout.HOST_CODE, new byte[] {0x0F, 0x01, (byte) 0xDA, 0x0F, 0x01, (byte) 0xD8}));
    return new Case(
        id,
        "svm",
        features,
        context,
        state,
        host(),
        BASE,
        memory,
        guests ? ControlBlock.at(Layout.CONTROL_BLOCK) : ControlBlock.NONE,
        prior ? ControlBlock.at(Layout.PRIOR_CONTROL_BLOCK) : ControlBlock.NONE,
        1,
        instruction);
  }

  /**
   * The same for VMX: a guest with a VMCS of the fields that this side looks at, and {@code more}.
   */
  Case vmx(Map<Integer, Long> more) {
    Case svm = build();
    SortedMap<Integer, Long> fields = new TreeMap<>();
    fields.put(Vmcs.EXCEPTION_BITMAP, 1L << 6);
    fields.put(Vmcs.CR0, state.get(Register.CR0));
    fields.put(CS_ACCESS, 0x9BL);
    fields.put(CS_BASE, state.get(Register.CS_BASE));
    fields.put(RIP, state.get(Register.RIP));
    fields.put(RFLAGS, 2L);
    fields.putAll(more);
    MachineState host = svm.host().copy().set(Register.CR4, 0x2020).set(Register.EFER, 0x500);
    return new Case(
        id,
        "vmx",
        features,
        context,
        svm.state(),
        host,
        BASE,
        List.of(svm.code()),
        new ControlBlock(Layout.CONTROL_BLOCK, fields),
        ControlBlock.NONE,
        1,
        svm.code());
  }

  private void registers() {
    for (int i = 0; i < 16; i++) {
      state.set(Register.gpr(i), 0x1000 + i);
    }
    state.set(Register.RSP, 0x4800).set(Register.RFLAGS, 2).set(Register.CR0, 0x10);
    state.set(Register.CR2, 0xC2).set(Register.XCR0, 1).set(Register.EFER, 0x1000);
    state.set(Register.DR6, 0xFFFF_0FF0L).set(Register.DR7, 0x400).set(Register.GIF, 1);
    for (int i = Register.ES_SEL.ordinal(); i <= Register.GS_SEL.ordinal(); i += 4) {
      boolean isCode = i == Register.CS_SEL.ordinal();
      state.set(Register.at(i), Layout.CODE >> 4).set(Register.at(i + 1), isCode ? 0x9B : 0x93);
      state.set(Register.at(i + 2), 0xFFFF).set(Register.at(i + 3), Layout.CODE);
    }
    state.set(Register.LDTR_ATTR, 0x82).set(Register.TR_ATTR, 0x8B).set(Register.TR_LIMIT, 0x67);
    state.set(Register.TR_BASE, Layout.TSS);
    state.set(Register.GDTR_BASE, Layout.GDT).set(Register.GDTR_LIMIT, 0xF7);
    state.set(Register.IDTR_BASE, Layout.IDT).set(Register.IDTR_LIMIT, 0x3FF);
    state.set(Register.PAT, 0x0007_0406_0007_0406L).set(Register.APIC_BASE, 0xFEE0_0900L);
    state.set(Register.VM_HSAVE_PA, Layout.HOST_SAVE);
  }

  private MachineState host() {
    MachineState host = state.copy();
    host.set(Register.RAX, Layout.CONTROL_BLOCK).set(Register.RSP, Layout.HOST_STACK + 0x800);
    host.set(Register.RIP, Layout.HOST_CODE).set(Register.RFLAGS, 2);
    host.set(Register.CR0, 0x8001_0031L).set(Register.CR2, 0xC200).set(Register.CR4, 0x20);
    host.set(Register.CR3, Layout.HOST_PML4).set(Register.EFER, 0x1500);
    for (int i = Register.ES_SEL.ordinal(); i <= Register.GS_SEL.ordinal(); i += 4) {
      boolean isCode = i == Register.CS_SEL.ordinal();
      host.set(Register.at(i), isCode ? 8 : 0x10).set(Register.at(i + 1), isCode ? 0xA9B : 0xC93);
      host.set(Register.at(i + 2), 0xFFFF_FFFFL).set(Register.at(i + 3), 0);
    }
    host.set(Register.GDTR_BASE, Layout.HOST_GDT).set(Register.GDTR_LIMIT, 0x27);
    host.set(Register.IDTR_BASE, Layout.HOST_IDT).set(Register.IDTR_LIMIT, 0xFFF);
    return host.set(Register.GIF, 0);
  }

  /** Offsets are those of APM vol. 2, appendix B. */
  private byte[] vmcb(boolean own) {
    ByteBuffer to = ByteBuffer.allocate(0x700).order(ByteOrder.LITTLE_ENDIAN);
    to.putInt(8, own ? exceptions : ALL_EXCEPTIONS);
    to.putInt(0xC, own ? (int) others : 0).putInt(0x10, 1);
    to.putLong(0x40, Layout.IOPM).putLong(0x48, Layout.MSRPM).putInt(0x58, 1);
    to.putLong(0x70, 0x7E57).putInt(0xA8, own ? event : 0);
    to.putLong(0x90, own && nested ? 1 : 0).putLong(0xB0, nested ? Layout.NPT_PML4 : 0);
    to.putLong(0x668, nested ? OTHER_PAT : 0);
    int[] offsets = {0x400, 0x410, 0x420, 0x430, 0x440, 0x450, 0x470, 0x490};
    for (int i = 0; i < offsets.length; i++) {
      int first = Register.ES_SEL.ordinal() + 4 * i;
      to.putShort(offsets[i], (short) state.get(Register.at(first)));
      to.putShort(offsets[i] + 2, (short) state.get(Register.at(first + 1)));
      to.putInt(offsets[i] + 4, (int) state.get(Register.at(first + 2)));
      to.putLong(offsets[i] + 8, state.get(Register.at(first + 3)));
    }
    to.putInt(0x464, (int) state.get(Register.GDTR_LIMIT));
    to.putLong(0x468, state.get(Register.GDTR_BASE));
    to.putInt(0x484, (int) state.get(Register.IDTR_LIMIT));
    to.putLong(0x488, state.get(Register.IDTR_BASE));
    to.putLong(0x4D0, 0x1000).putLong(0x558, state.get(Register.CR0));
    to.putLong(0x560, state.get(Register.DR7)).putLong(0x568, state.get(Register.DR6));
    to.putLong(0x570, state.get(Register.RFLAGS));
    to.putLong(0x578, own ? state.get(Register.RIP) : 0x1000);
    to.putLong(0x5D8, state.get(Register.RSP)).putLong(0x5F8, state.get(Register.RAX));
    to.putLong(0x640, state.get(Register.CR2));
    return to.array();
  }

  /** Vectors that lead to UD2s, a UD2 behind the instruction, and the host's tables. */
  private static BaseImage base(String name) {
    ByteBuffer to =
        ByteBuffer.allocate((int) (Layout.END - Layout.START)).order(ByteOrder.LITTLE_ENDIAN);
    int start = (int) Layout.START;
    to.putInt((int) Layout.SENTINEL - start, 0xFEEB_0B0F);
    for (int vector = 0; vector < 256; vector++) {
      to.putInt((int) Layout.HANDLERS - start + 16 * vector, 0xFEEB_0B0F);
      to.putShort((int) Layout.IDT - start + 4 * vector, (short) (16 * vector));
      to.putShort((int) Layout.IDT - start + 4 * vector + 2, (short) (Layout.HANDLERS >> 4));
    }
    to.putLong((int) Layout.HOST_GDT - start + 8, 0x00AF_9B00_0000_FFFFL);
    to.putLong((int) Layout.HOST_GDT - start + 16, 0x00CF_9300_0000_FFFFL);
    to.putLong((int) Layout.HOST_PML4 - start, Layout.HOST_PDPT | 0x23);
    to.putLong((int) Layout.HOST_PDPT - start, Layout.HOST_PD | 0x23);
    to.putLong((int) Layout.HOST_PD - start, 0xE3);
    return new BaseImage(name, to.array());
  }
}
