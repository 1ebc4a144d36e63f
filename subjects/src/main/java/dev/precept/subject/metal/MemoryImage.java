package dev.precept.subject.metal;

import dev.precept.cases.BaseImage;
import dev.precept.cases.Case;
import dev.precept.cases.Layout;
import dev.precept.cases.MemoryPatch;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Memory that the runner has as a base image: a case's base with the patches of the first case that
 * uses it. Cases of one base have most of their patches in common (the VMCB), neighbours nearly all
 * of them, so that each brings only what differs from the one before. Not for several threads at a
 * time.
 */
final class MemoryImage {
  /** Where the runner has code of its own; what cases have there is what it does. */
  private static final long HOST_FROM = Layout.HOST_CODE, HOST_TO = Layout.SMM_SAVE;

  private static final long PAGE = 0x1000;

  /** Pages whose contents are the processor's in VMX: only the first word is a case's. */
  private static final Set<Long> VMX_REGIONS =
      Set.of(
          Layout.CONTROL_BLOCK,
          Layout.HOST_SAVE,
          Layout.OTHER_CONTROL_BLOCK,
          Layout.PRIOR_CONTROL_BLOCK,
          Layout.SHADOW_CONTROL_BLOCK);

  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final int number;
  private final BaseImage base;
  private final byte[] bytes;

  /** A case's memory while it is compared, and the base otherwise. */
  private final byte[] work;

  /** The memory of the case before, or the image. */
  private final byte[] last;

  /** Where {@code bytes} may differ from the base. */
  private final List<MemoryPatch> patches = new ArrayList<>();

  /** Where {@code last} may differ from the base. */
  private List<MemoryPatch> lastPatches;

  /**
   * The image for the base of {@code first}.
   *
   * @param number what the runner is to know it by
   */
  MemoryImage(int number, Case first) {
    this.number = number;
    base = first.base();
    bytes = base.bytes().clone();
    work = base.bytes().clone();
    for (MemoryPatch patch : first.memory()) {
      if (isCases(patch) && !(Vmcs.isOf(first) && VMX_REGIONS.contains(page(patch)))) {
        put(patch, patch.bytes(), 0, bytes);
        patches.add(patch);
      }
    }
    last = bytes.clone();
    lastPatches = patches;
  }

  /** The next case comes right behind the image. */
  void begin() {
    for (MemoryPatch patch : lastPatches) {
      put(patch, bytes, (int) (patch.address() - Layout.START), last);
    }
    for (MemoryPatch patch : patches) {
      put(patch, patch.bytes(), 0, last);
    }
    lastPatches = patches;
  }

  int number() {
    return number;
  }

  byte[] bytes() {
    return bytes.clone();
  }

  /**
   * What {@code testCase} has otherwise than the case before, or the image if there was none since
   * {@link #begin}, in words of 8 bytes: ascending, apart by at least two words within a page. None
   * goes on into another page, which may be one of the processor's.
   */
  List<MemoryPatch> differences(Case testCase) {
    if (!testCase.base().equals(base)) {
      throw new IllegalArgumentException(testCase.id() + " has another base image");
    }
    TreeMap<Long, Long> places = new TreeMap<>();
    lastPatches.forEach(patch -> add(places, patch));
    List<MemoryPatch> own = testCase.memory().stream().filter(MemoryImage::isCases).toList();
    for (MemoryPatch patch : own) {
      put(patch, patch.bytes(), 0, work);
      add(places, patch);
    }
    List<MemoryPatch> found = new ArrayList<>();
    long start = 0;
    long end = 0; // of the run that has begun; 0: none has
    for (Map.Entry<Long, Long> place : places.entrySet()) {
      for (long at = Math.max(place.getKey(), end); at < place.getValue(); at += 8) {
        int index = (int) (at - Layout.START);
        if ((long) WORDS.get(work, index) == (long) WORDS.get(last, index)) {
          continue;
        }
        if (end == 0 || at > end + 8 || at / PAGE != start / PAGE) {
          addRun(found, start, end);
          start = at;
        }
        end = at + 8;
      }
    }
    addRun(found, start, end);
    for (MemoryPatch patch : own) {
      put(patch, base.bytes(), (int) (patch.address() - Layout.START), work);
    }
    found.forEach(run -> put(run, run.bytes(), 0, last));
    lastPatches = own;
    return found;
  }

  private void addRun(List<MemoryPatch> to, long start, long end) {
    if (end != 0) {
      byte[] run = new byte[(int) (end - start)];
      System.arraycopy(work, (int) (start - Layout.START), run, 0, run.length);
      to.add(new MemoryPatch(start, run));
    }
  }

  private static boolean isCases(MemoryPatch patch) {
    return patch.address() < HOST_FROM || patch.address() >= HOST_TO;
  }

  private static long page(MemoryPatch patch) {
    return patch.address() & -0x1000L;
  }

  private static void put(MemoryPatch patch, byte[] from, int at, byte[] to) {
    System.arraycopy(from, at, to, (int) (patch.address() - Layout.START), patch.bytes().length);
  }

  private static void add(Map<Long, Long> places, MemoryPatch patch) {
    places.merge(patch.address() & -8L, patch.end() + 7 & -8L, Math::max);
  }
}
