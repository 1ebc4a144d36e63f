package dev.precept.cases.json;

import dev.precept.cases.BaseImage;
import dev.precept.cases.Layout;
import dev.precept.cases.MemoryPatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Memory of a case, from {@link Layout#START} to {@link Layout#END}: an image under patches. */
final class Overlay {
  private static final int PAGE = 0x1000;
  private static final int PAGES = (int) (Layout.END - Layout.START) / PAGE;

  private final BaseImage image;

  /** Pages that were written to; null: as in the image. */
  private final byte[][] pages = new byte[PAGES][];

  /** Memory as in {@code image}, with {@code patches} written over it in their order. */
  Overlay(BaseImage image, List<MemoryPatch> patches) {
    this.image = image;
    patches.forEach(this::write);
  }

  private Overlay(Overlay other) {
    image = other.image;
    for (int page = 0; page < PAGES; page++) {
      pages[page] = other.pages[page] == null ? null : other.pages[page].clone();
    }
  }

  Overlay copy() {
    return new Overlay(this);
  }

  BaseImage image() {
    return image;
  }

  void write(MemoryPatch patch) {
    byte[] bytes = patch.bytes();
    for (int i = 0; i < bytes.length; i++) {
      int offset = (int) (patch.address() + i - Layout.START);
      int page = offset / PAGE;
      if (pages[page] == null) {
        pages[page] = Arrays.copyOfRange(image.bytes(), page * PAGE, (page + 1) * PAGE);
      }
      pages[page][offset % PAGE] = bytes[i];
    }
  }

  /** The {@code length} bytes at {@code address}. */
  byte[] read(long address, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      int offset = (int) (address + i - Layout.START);
      byte[] page = pages[offset / PAGE];
      bytes[i] = page == null ? image.bytes()[offset] : page[offset % PAGE];
    }
    return bytes;
  }

  /**
   * What this has differently from {@code other}, ascending.
   *
   * @param other memory over the same image
   * @param gap runs of different bytes that are no farther apart are one patch; 0: a patch has
   *     nothing but different bytes
   */
  List<MemoryPatch> differences(Overlay other, int gap) {
    List<MemoryPatch> found = new ArrayList<>();
    for (int page = 0; page < PAGES; page++) {
      if (pages[page] != null || other.pages[page] != null) {
        differences(page, page(page), other.page(page), gap, found);
      }
    }
    return found;
  }

  private byte[] page(int number) {
    return pages[number] == null
        ? Arrays.copyOfRange(image.bytes(), number * PAGE, (number + 1) * PAGE)
        : pages[number];
  }

  private static void differences(
      int number, byte[] mine, byte[] its, int gap, List<MemoryPatch> found) {
    int at = 0;
    while (at < PAGE) {
      int different = Arrays.mismatch(mine, at, PAGE, its, at, PAGE);
      if (different < 0) {
        return;
      }
      int start = at + different;
      int end = start + 1;
      for (int i = end; i < PAGE && i <= end + gap; i++) {
        if (mine[i] != its[i]) {
          end = i + 1;
        }
      }
      found.add(
          new MemoryPatch(
              Layout.START + (long) number * PAGE + start, Arrays.copyOfRange(mine, start, end)));
      at = end;
    }
  }
}
