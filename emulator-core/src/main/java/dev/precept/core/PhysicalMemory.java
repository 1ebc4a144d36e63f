package dev.precept.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.BitSet;
import java.util.function.BiConsumer;

/**
 * RAM from physical address 0 up to a fixed size; outside it reads give all ones and writes are
 * dropped, as on an empty bus.
 *
 * <p>Every write marks its 4 KiB page dirty, so that a caller can restore a snapshot by copying
 * only what changed. Addresses are system-physical, unsigned 64 bits.
 */
public final class PhysicalMemory {
  /** Page size in bytes of the dirty tracking. */
  public static final int PAGE_SIZE = 4096;

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final byte[] ram;

  /** A bit for each page, page 0 in bit 0 of the first word. */
  private final long[] dirty;

  /**
   * RAM of {@code size} bytes, all zero.
   *
   * @throws IllegalArgumentException if size is not a positive multiple of 4096
   */
  public PhysicalMemory(int size) {
    if (size <= 0 || size % PAGE_SIZE != 0) {
      throw new IllegalArgumentException("RAM size must be a positive multiple of 4096: " + size);
    }
    ram = new byte[size];
    dirty = new long[(size / PAGE_SIZE + 63) / 64];
  }

  /** Size in bytes. */
  public int size() {
    return ram.length;
  }

  /** The backing array; writing to it directly bypasses dirty tracking. */
  public byte[] ram() {
    return ram;
  }

  /** Reads one byte, zero-extended. */
  public int read8(long address) {
    return address >= 0 && address < ram.length ? ram[(int) address] & 0xFF : 0xFF;
  }

  /** Reads {@code size} bytes (1 to 8), little-endian, zero-extended. */
  public long read(long address, int size) {
    if (address >= 0 && address <= ram.length - 8) {
      // One aligned-or-not load, then the bytes that were asked for.
      long all = (long) LONG.get(ram, (int) address);
      return size == 8 ? all : all & (1L << (8 * size)) - 1;
    }
    long value = 0;
    for (int i = 0; i < size; i++) {
      value |= (long) read8(address + i) << (8 * i);
    }
    return value;
  }

  /** Reads two bytes. */
  public int read16(long address) {
    return (int) read(address, 2);
  }

  /** Reads four bytes. */
  public int read32(long address) {
    return (int) read(address, 4);
  }

  /** Reads eight bytes. */
  public long read64(long address) {
    return read(address, 8);
  }

  /** Writes one byte. */
  public void write8(long address, int value) {
    if (address >= 0 && address < ram.length) {
      ram[(int) address] = (byte) value;
      mark((int) address);
    }
  }

  /** Writes the low {@code size} bytes (1 to 8) of {@code value}, little-endian. */
  public void write(long address, int size, long value) {
    if (address >= 0 && address <= ram.length - 8) {
      int at = (int) address;
      if (size == 8) {
        LONG.set(ram, at, value);
      } else {
        long kept = -1L << (8 * size);
        LONG.set(ram, at, ((long) LONG.get(ram, at) & kept) | (value & ~kept));
      }
      mark(at);
      mark(at + size - 1);
      return;
    }
    for (int i = 0; i < size; i++) {
      write8(address + i, (int) (value >>> (8 * i)));
    }
  }

  private void mark(int address) {
    int page = address / PAGE_SIZE;
    // A shift counts modulo 64.
    dirty[page >>> 6] |= 1L << page;
  }

  /** The first dirty page from {@code from} on, or -1. */
  private int nextDirty(int from) {
    int word = from >>> 6;
    if (word >= dirty.length) {
      return -1;
    }
    long bits = dirty[word] & -1L << from;
    while (bits == 0) {
      word++;
      if (word == dirty.length) {
        return -1;
      }
      bits = dirty[word];
    }
    return 64 * word + Long.numberOfTrailingZeros(bits);
  }

  /** Writes two bytes. */
  public void write16(long address, int value) {
    write(address, 2, value);
  }

  /** Writes four bytes. */
  public void write32(long address, int value) {
    write(address, 4, value & 0xFFFF_FFFFL);
  }

  /** Writes eight bytes. */
  public void write64(long address, long value) {
    write(address, 8, value);
  }

  /** Writes all of {@code bytes} from {@code address} on. */
  public void write(long address, byte[] bytes) {
    if (bytes.length > 0 && address >= 0 && address <= ram.length - bytes.length) {
      int at = (int) address;
      System.arraycopy(bytes, 0, ram, at, bytes.length);
      for (int page = at / PAGE_SIZE; page <= (at + bytes.length - 1) / PAGE_SIZE; page++) {
        mark(page * PAGE_SIZE);
      }
      return;
    }
    for (int i = 0; i < bytes.length; i++) {
      write8(address + i, bytes[i]);
    }
  }

  /** Copies {@code length} bytes out, all ones where there is no RAM. */
  public byte[] copy(long address, int length) {
    if (address >= 0 && address <= ram.length - length) {
      return Arrays.copyOfRange(ram, (int) address, (int) address + length);
    }
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) read8(address + i);
    }
    return bytes;
  }

  /** A copy of all of RAM; clears the dirty marks, so that {@link #restore} can use them. */
  public byte[] snapshot() {
    clearDirty();
    return ram.clone();
  }

  /**
   * Puts back the dirty pages from {@code snapshot} and clears the marks.
   *
   * @param snapshot what {@link #snapshot} returned when the marks were last clear
   */
  public void restore(byte[] snapshot) {
    for (int page = nextDirty(0); page >= 0; page = nextDirty(page + 1)) {
      System.arraycopy(snapshot, page * PAGE_SIZE, ram, page * PAGE_SIZE, PAGE_SIZE);
    }
    clearDirty();
  }

  /** The dirty marks, for {@link #same}: a bit a page, page 0 in bit 0 of the first word. */
  public long[] dirtyWords() {
    return dirty.clone();
  }

  /**
   * Whether exactly the pages of {@code pages} are dirty, and RAM holds {@code expected} in them.
   * Allocates nothing.
   *
   * @param expected what all of RAM is to hold
   * @param pages what {@link #dirtyWords} is to return
   */
  public boolean same(byte[] expected, long[] pages) {
    if (!Arrays.equals(dirty, pages)) {
      return false;
    }
    for (int page = nextDirty(0); page >= 0; page = nextDirty(page + 1)) {
      int from = page * PAGE_SIZE;
      int behind = from + PAGE_SIZE;
      if (!Arrays.equals(ram, from, behind, expected, from, behind)) {
        return false;
      }
    }
    return true;
  }

  /** Fills RAM with zeros and clears the dirty marks. */
  public void clear() {
    Arrays.fill(ram, (byte) 0);
    clearDirty();
  }

  /** Whether the page holding {@code address} was written since the marks were cleared. */
  public boolean isDirty(long address) {
    return address >= 0
        && address < ram.length
        && nextDirty((int) (address / PAGE_SIZE)) == address / PAGE_SIZE;
  }

  /** A copy of the dirty marks, a bit a page. */
  public BitSet dirtyPages() {
    return BitSet.valueOf(dirty);
  }

  /** Marks every page clean. */
  public void clearDirty() {
    Arrays.fill(dirty, 0);
  }

  /**
   * Lists maximal runs of bytes that differ from {@code snapshot}, lowest address first.
   *
   * @param snapshot what {@link #snapshot} returned
   * @param range takes first address and length in bytes of each run
   */
  public void changedRanges(byte[] snapshot, BiConsumer<Long, Integer> range) {
    changedRanges(snapshot, new BitSet(), range);
  }

  /**
   * As {@link #changedRanges(byte[], BiConsumer)}, but for some pages.
   *
   * @param except numbers of the pages not to look at
   */
  public void changedRanges(byte[] snapshot, BitSet except, BiConsumer<Long, Integer> range) {
    int start = -1;
    int end = -1;
    for (int page = nextDirty(0); page >= 0; page = nextDirty(page + 1)) {
      if (except.get(page)) {
        continue;
      }
      int behind = (page + 1) * PAGE_SIZE;
      for (int i = page * PAGE_SIZE; i < behind; i++) {
        int same = Arrays.mismatch(ram, i, behind, snapshot, i, behind);
        if (same < 0) {
          break;
        }
        i += same;
        if (start >= 0 && end != i) {
          range.accept((long) start, end - start);
          start = -1;
        }
        if (start < 0) {
          start = i;
        }
        end = i + 1;
      }
    }
    if (start >= 0) {
      range.accept((long) start, end - start);
    }
  }
}
