package dev.precept.fuzz.tables;

import dev.precept.fuzz.Input;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;

/**
 * Precept's own tables, one file of which was changed in one place. About a tenth of a second an
 * input.
 *
 * <p>An input is a vendor, the number of a file, a place in it, how many bytes are cut out there,
 * and those that are put in.
 */
public final class FolderTarget {
  private static final MemoryTables BUILT_IN = MemoryTables.builtIn();
  private static final List<String> FILES = BUILT_IN.files();

  private FolderTarget() {}

  /**
   * Runs one input.
   *
   * @throws AssertionError if what must hold of it does not
   */
  public static void fuzzerTestOneInput(byte[] bytes) {
    Input input = new Input(bytes);
    String vendor = input.u8() % 2 == 0 ? "svm" : "vmx";
    String file = FILES.get(input.u8() % FILES.size());
    byte[] old = content(file);
    int from = (input.u16() | input.u8() << 16) % (old.length + 1);
    int behind = Math.min(old.length, from + input.u8());
    byte[] put = input.rest();
    byte[] changed = Arrays.copyOf(old, old.length - (behind - from) + put.length);
    System.arraycopy(put, 0, changed, from, put.length);
    System.arraycopy(old, behind, changed, from + put.length, old.length - behind);
    Loading.check(vendor, BUILT_IN.with(file, changed));
  }

  private static byte[] content(String file) {
    try {
      return BUILT_IN.read(file, Integer.MAX_VALUE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
