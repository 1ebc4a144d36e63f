package dev.precept.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class PhysicalMemoryTest {
  private final PhysicalMemory memory = new PhysicalMemory(0x4000);

  @Test
  void valuesAreLittleEndian() {
    memory.write64(0x100, 0x1122_3344_5566_7788L);
    assertThat(memory.read8(0x100)).isEqualTo(0x88);
    assertThat(memory.read16(0x106)).isEqualTo(0x1122);
  }

  @Test
  void readsOutsideRamGiveAllOnes() {
    assertThat(memory.read64(0x4000)).isEqualTo(-1);
    assertThat(memory.read32(-4)).isEqualTo(-1);
  }

  @Test
  void aReadAcrossTheEndOfRamIsHalfOnes() {
    memory.write32(0x3FFC, 0);
    assertThat(memory.read64(0x3FFC)).isEqualTo(0xFFFF_FFFF_0000_0000L);
  }

  @Test
  void writesOutsideRamAreDropped() {
    memory.write64(0x3FFC, 0);
    assertThat(memory.read64(0x4000)).isEqualTo(-1);
    assertThat(memory.read32(0x3FFC)).isZero();
  }

  @Test
  void restoreUndoesEveryWriteSinceTheSnapshot() {
    memory.write8(1, 7);
    byte[] snapshot = memory.snapshot();
    memory.write64(0xFFC, -1);
    memory.restore(snapshot);
    assertThat(memory.ram()).isEqualTo(snapshot);
  }

  @Test
  void aWriteAcrossAPageMarksBothPages() {
    memory.clearDirty();
    memory.write64(0xFFC, 0);
    assertThat(memory.isDirty(0)).isTrue();
    assertThat(memory.isDirty(0x1000)).isTrue();
    assertThat(memory.isDirty(0x2000)).isFalse();
  }

  @Test
  void changedRangesListsMaximalRuns() {
    byte[] snapshot = memory.snapshot();
    memory.write16(0x10, 0x0101);
    memory.write16(0xFFF, 0x0101);
    memory.write8(0x20, 0);
    List<String> ranges = new ArrayList<>();
    memory.changedRanges(snapshot, (address, length) -> ranges.add(address + "+" + length));
    assertThat(ranges).containsExactly("16+2", "4095+2");
  }

  @Test
  void changedRangesLeavesOutThePagesItIsToldTo() {
    byte[] snapshot = memory.snapshot();
    memory.write16(0xFFF, 0x0101);
    memory.write8(0x2000, 1);
    BitSet except = new BitSet();
    except.set(1);
    List<String> ranges = new ArrayList<>();

    memory.changedRanges(snapshot, except, (address, length) -> ranges.add(address + "+" + length));

    assertThat(ranges).containsExactly("4095+1", "8192+1");
  }

  @Test
  void aWriteOfManyBytesMarksEveryPageItTouches() {
    memory.clearDirty();
    byte[] bytes = new byte[0x1002];
    Arrays.fill(bytes, (byte) 7);

    memory.write(0xFFF, bytes);

    assertThat(memory.dirtyPages().stream()).containsExactly(0, 1, 2);
    assertThat(memory.read8(0xFFE)).isZero();
    assertThat(memory.read8(0xFFF)).isEqualTo(7);
    assertThat(memory.read8(0x2000)).isEqualTo(7);
    assertThat(memory.read8(0x2001)).isZero();
  }

  @Test
  void ofAWriteThatReachesBeyondMemoryThePartInsideIsMade() {
    int last = memory.size() - 1;

    memory.write(last, new byte[] {7, 8});

    assertThat(memory.read8(last)).isEqualTo(7);
  }

  @Test
  void aWriteOfEverySizeTouchesThoseBytesOnly() {
    for (int size = 1; size <= 8; size++) {
      memory.write64(0x100, -1);
      memory.write64(0x108, -1);
      memory.write(0x102, size, 0);

      for (int i = 0; i < 16; i++) {
        boolean written = i >= 2 && i < 2 + size;
        assertThat(memory.read8(0x100 + i))
            .as("size %d, byte %d", size, i)
            .isEqualTo(written ? 0 : 0xFF);
      }
    }
  }

  @Test
  void aWriteAcrossPagesMarksBoth() {
    memory.write32(0x1FFE, 0);

    assertThat(memory.isDirty(0x1000)).isTrue();
    assertThat(memory.isDirty(0x2000)).isTrue();
    assertThat(memory.isDirty(0x0)).isFalse();
    assertThat(memory.isDirty(0x3000)).isFalse();
  }

  @Test
  void pagesBehindTheFirst64AreMarkedAndRestoredToo() {
    PhysicalMemory large = new PhysicalMemory(0x81000);
    byte[] before = large.snapshot();
    large.write8(0x80000, 1);
    large.write8(0x40000, 1);

    assertThat(large.dirtyPages().stream()).containsExactly(0x40, 0x80);
    large.restore(before);
    assertThat(large.read8(0x80000)).isZero();
    assertThat(large.dirtyPages().isEmpty()).isTrue();
  }

  @Test
  void memoryIsTheSameOnlyWithTheSameBytesInTheSamePages() {
    memory.snapshot();
    memory.write8(0x1000, 5);
    byte[] expected = memory.ram().clone();
    long[] pages = memory.dirtyWords();

    assertThat(memory.same(expected, pages)).isTrue();
    memory.write8(0x1001, 5);
    assertThat(memory.same(expected, pages)).isFalse();
    memory.write8(0x1001, 0);
    assertThat(memory.same(expected, pages)).isTrue();
    memory.write8(0x2000, 0);
    assertThat(memory.same(expected, pages)).isFalse();
  }
}
