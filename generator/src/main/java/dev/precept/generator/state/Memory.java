package dev.precept.generator.state;

import dev.precept.cases.BaseImage;
import dev.precept.cases.Layout;
import dev.precept.cases.MemoryPatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A base image with changes of its own; pages are copied when they are first written to. */
public final class Memory {
  private static final int PAGE = 0x1000;
  private static final int PAGES = (int) ((Layout.END - Layout.START) / PAGE);

  /** Two runs of changed bytes closer than this become one patch. */
  private static final int GAP = 16;

  private final BaseImage base;
  private final byte[][] pages = new byte[PAGES][];

  /** Memory as in {@code base}. */
  public Memory(BaseImage base) {
    this.base = base;
  }

  /** The image under it. */
  public BaseImage base() {
    return base;
  }

  /** Whether a case owns {@code address}. */
  public static boolean contains(long address) {
    return address >= Layout.START && address < Layout.END;
  }

  /** The byte at {@code address}, 0 where no case owns it. */
  public int read8(long address) {
    if (!contains(address)) {
      return 0;
    }
    int offset = (int) (address - Layout.START);
    byte[] page = pages[offset / PAGE];
    return (page == null ? base.bytes()[offset] : page[offset % PAGE]) & 0xFF;
  }

  /** Little-endian number of {@code size} bytes, 1 to 8. */
  public long read(long address, int size) {
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << 8 | read8(address + i);
    }
    return value;
  }

  /**
   * Writes a byte.
   *
   * @throws IllegalArgumentException where no case owns {@code address}
   */
  public void write8(long address, int value) {
    if (!contains(address)) {
      throw new IllegalArgumentException(
          "no case owns physical address " + Long.toHexString(address) + "h");
    }
    int offset = (int) (address - Layout.START);
    int number = offset / PAGE;
    if (pages[number] == null) {
      pages[number] = Arrays.copyOfRange(base.bytes(), number * PAGE, (number + 1) * PAGE);
    }
    pages[number][offset % PAGE] = (byte) value;
  }

  /** Writes the low {@code size} bytes of {@code value}, little-endian. */
  public void write(long address, int size, long value) {
    int at = (int) (address & (PAGE - 1));
    if (size > 1 && at + size <= PAGE && contains(address)) {
      write8(address, (int) value);
      byte[] page = pages[(int) (address - Layout.START) / PAGE];
      for (int i = 1; i < size; i++) {
        page[at + i] = (byte) (value >>> (8 * i));
      }
      return;
    }
    for (int i = 0; i < size; i++) {
      write8(address + i, (int) (value >>> (8 * i)));
    }
  }

  /** Writes all of {@code bytes}. */
  public void write(long address, byte[] bytes) {
    for (int i = 0; i < bytes.length; i++) {
      write8(address + i, bytes[i]);
    }
  }

  /** Sets or clears bit {@code bit} counted from bit 0 of the byte at {@code address}. */
  public void setBit(long address, long bit, boolean on) {
    long at = address + (bit >>> 3);
    int mask = 1 << (int) (bit & 7);
    write8(at, on ? read8(at) | mask : read8(at) & ~mask);
  }

  /** What differs from the image, ascending. */
  public List<MemoryPatch> patches() {
    List<MemoryPatch> found = new ArrayList<>();
    for (int number = 0; number < PAGES; number++) {
      if (pages[number] != null) {
        patches(number, found);
      }
    }
    return found;
  }

  private void patches(int number, List<MemoryPatch> found) {
    byte[] page = pages[number];
    int origin = number * PAGE;
    int at = 0;
    while (at < PAGE) {
      int different = Arrays.mismatch(page, at, PAGE, base.bytes(), origin + at, origin + PAGE);
      if (different < 0) {
        return;
      }
      int start = at + different;
      int end = start + 1;
      for (int i = end; i < PAGE && i < end + GAP; i++) {
        if (page[i] != base.bytes()[origin + i]) {
          end = i + 1;
        }
      }
      found.add(
          new MemoryPatch(Layout.START + origin + start, Arrays.copyOfRange(page, start, end)));
      at = end;
    }
  }
}
