package dev.precept.subject.metal;

import dev.precept.cases.Case;
import dev.precept.cases.Layout;
import dev.precept.cases.MemoryPatch;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/** A case's memory at its end: as it began, but for what the runner saw changed. */
final class MemoryAfter {
  private static final int PAGE = 0x1000;

  private final Case testCase;
  private final TreeMap<Long, Byte> changed = new TreeMap<>();

  MemoryAfter(Case testCase) {
    this.testCase = testCase;
  }

  /** Takes the 8 bytes that {@code address} holds now. */
  void put(long address, long value) {
    for (int i = 0; i < 8; i++) {
      byte now = (byte) (value >>> (8 * i));
      if (now != testCase.initialByte(address + i)) {
        changed.put(address + i, now);
      } else {
        changed.remove(address + i);
      }
    }
  }

  /** Makes {@code length} bytes what they were when the case began. */
  void forget(long address, int length) {
    changed.subMap(address, address + length).clear();
  }

  byte get(long address) {
    Byte now = changed.get(address);
    return now == null ? testCase.initialByte(address) : now;
  }

  /** Little-endian number of {@code size} bytes, 1 to 8. */
  long get(long address, int size) {
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << 8 | (get(address + i) & 0xFF);
    }
    return value;
  }

  /** The 4 KiB at {@code address}, which are the case's. */
  byte[] page(long address) {
    int from = (int) (address - Layout.START);
    byte[] bytes = Arrays.copyOfRange(testCase.base().bytes(), from, from + PAGE);
    for (MemoryPatch patch : testCase.memory()) {
      long start = Math.max(patch.address(), address);
      long end = Math.min(patch.end(), address + PAGE);
      if (start < end) {
        int first = (int) (start - patch.address());
        System.arraycopy(patch.bytes(), first, bytes, (int) (start - address), (int) (end - start));
      }
    }
    changed
        .subMap(address, address + PAGE)
        .forEach((at, value) -> bytes[(int) (at - address)] = value);
    return bytes;
  }

  /** What changed, as runs of bytes, without the pages at {@code hidden}. */
  List<MemoryPatch> changes(List<Long> hidden) {
    List<MemoryPatch> runs = new ArrayList<>();
    ByteArrayOutputStream run = new ByteArrayOutputStream();
    long start = 0;
    for (var change : changed.entrySet()) {
      long address = change.getKey();
      if (hidden.contains(address & -0x1000L)) {
        continue;
      }
      if (run.size() > 0 && address != start + run.size()) {
        runs.add(new MemoryPatch(start, run.toByteArray()));
        run.reset();
      }
      if (run.size() == 0) {
        start = address;
      }
      run.write(change.getValue());
    }
    if (run.size() > 0) {
      runs.add(new MemoryPatch(start, run.toByteArray()));
    }
    return runs;
  }
}
