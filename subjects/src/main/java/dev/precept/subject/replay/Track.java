package dev.precept.subject.replay;

import dev.precept.cases.BaseImage;
import dev.precept.cases.Case;
import dev.precept.cases.Layout;
import dev.precept.cases.MemoryPatch;
import java.util.List;
import java.util.Optional;

/**
 * The case before, among those of one base image: the next one is written and read by what differs
 * from it.
 */
final class Track {
  private final byte[] ground = new byte[(int) Layout.END];
  private final byte[] memory;
  private Optional<Case> last = Optional.empty();

  Track(BaseImage base) {
    System.arraycopy(base.bytes(), 0, ground, (int) Layout.START, base.bytes().length);
    memory = ground.clone();
  }

  /** The case before; empty before the first. */
  Optional<Case> last() {
    return last;
  }

  /** What physical memory held at the beginning of the case before, from address 0 on. */
  byte[] memory() {
    return memory;
  }

  /** Makes {@code next} the case before. */
  void follow(Case next) {
    List<MemoryPatch> former = last.map(Case::memory).orElse(List.of());
    for (MemoryPatch patch : former) {
      int at = (int) patch.address();
      System.arraycopy(ground, at, memory, at, patch.bytes().length);
    }
    for (MemoryPatch patch : next.memory()) {
      System.arraycopy(patch.bytes(), 0, memory, (int) patch.address(), patch.bytes().length);
    }
    last = Optional.of(next);
  }
}
