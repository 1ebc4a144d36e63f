package dev.precept.subject.metal;

import dev.precept.cases.Case;
import dev.precept.cases.Context;
import dev.precept.cases.Layout;
import dev.precept.cases.MachineState;
import dev.precept.cases.Register;
import java.util.Collection;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Memory that a case may well change, which the runner compares and restores behind every case.
 *
 * <p>This is about speed only. All other memory is compared every few hundred cases; if something
 * changed there, the cases since are run again with those places watched, too.
 */
final class Watches {
  /** What an exit writes into a VMCB, and what VMRUN clears in it: start, end. */
  private static final int[][] CONTROL_BLOCK = {
    {0x058, 0x0E0},
    {0x120, 0x128},
    {0x400, 0x4A0},
    {0x4C8, 0x4D8},
    {0x548, 0x580},
    {0x5D8, 0x648},
    {0x668, 0x670}
  };

  /** What VMSAVE writes. */
  private static final int[][] VMSAVE = {
    {0x440, 0x460}, {0x470, 0x480}, {0x490, 0x4A0}, {0x600, 0x640}
  };

  /** Virtual task priority, in the virtual-APIC page. */
  private static final int VTPR = 0x80;

  private static final int LINE = 64;
  private static final long EFER_LMA = 1 << 10, CS_L = 1 << 9;

  private final TreeMap<Long, Long> ranges = new TreeMap<>();

  private Watches() {}

  /** The watches of {@code testCase}, and lines of 64 bytes at {@code more}. */
  static Watches of(Case testCase, Collection<Long> more) {
    Watches watches = new Watches();
    MachineState state = testCase.state();
    if (Vmcs.isOf(testCase)) {
      watches.add(Layout.VIRTUAL_APIC + VTPR, Layout.VIRTUAL_APIC + VTPR + 8);
    } else {
      // The runner itself looks at the VMCB that a guest exits into.
      if (testCase.controlBlock().present() && testCase.context() == Context.HOST) {
        watches.all(testCase.controlBlock().address(), CONTROL_BLOCK);
      }
      if (testCase.priorControlBlock().present()) {
        watches.all(testCase.priorControlBlock().address(), CONTROL_BLOCK);
      }
    }
    boolean wide =
        (state.get(Register.EFER) & EFER_LMA) != 0 && (state.get(Register.CS_ATTR) & CS_L) != 0;
    long stack = state.get(Register.RSP) + (wide ? 0 : state.get(Register.SS_BASE));
    stack = wide ? stack : stack & 0xFFFF_FFFFL;
    watches.add(stack - 64, stack + 8);
    if (state.get(Register.CPL) != 0 || (state.get(Register.EFER) & EFER_LMA) != 0) {
      watches.add(Layout.INNER_STACK + 0x400 - 64, Layout.INNER_STACK + 0x400);
    }
    watches.add(Layout.DATA + 0x100 - 8, Layout.DATA + 0x100 + 16);
    watches.add(Layout.DATA + 0x1000 - 16, Layout.DATA + 0x1000 + 16);
    if (!Vmcs.isOf(testCase)
        && state.get(Register.RAX) == Layout.OTHER_CONTROL_BLOCK
        && testCase.context() == Context.GUEST) {
      watches.all(Layout.OTHER_CONTROL_BLOCK, VMSAVE);
    }
    for (long line : more) {
      watches.add(line, line + LINE);
    }
    return watches;
  }

  /** The line that {@code address} is in. */
  static long line(long address) {
    return address & -LINE;
  }

  private void all(long block, int[][] parts) {
    for (int[] part : parts) {
      add(block + part[0], block + part[1]);
    }
  }

  private void add(long from, long to) {
    long start = Math.max(from, Layout.START) & -8L;
    long end = Math.min(to, Layout.END) + 7 & -8L;
    if (start >= end || from > to) {
      return;
    }
    Map.Entry<Long, Long> before = ranges.floorEntry(start);
    if (before != null && before.getValue() >= start) {
      start = before.getKey();
      end = Math.max(end, before.getValue());
    }
    Map.Entry<Long, Long> next = ranges.ceilingEntry(start);
    while (next != null && next.getKey() <= end) {
      end = Math.max(end, next.getValue());
      ranges.remove(next.getKey());
      next = ranges.ceilingEntry(start);
    }
    ranges.put(start, end);
  }

  /** Ends by their starts: ascending, 8-aligned, neither overlapping nor adjacent. */
  SortedMap<Long, Long> ranges() {
    return ranges;
  }
}
