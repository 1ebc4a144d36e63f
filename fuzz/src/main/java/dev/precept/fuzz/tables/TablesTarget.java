package dev.precept.fuzz.tables;

import dev.precept.fuzz.Input;
import java.util.List;

/**
 * A small folder of tables, one file of which holds anything.
 *
 * <p>An input is a vendor, the number of a file, and what is in it.
 */
public final class TablesTarget {
  private static final MemoryTables SMALL = MemoryTables.small();
  private static final List<String> FILES = SMALL.files();

  private TablesTarget() {}

  /**
   * Runs one input.
   *
   * @throws AssertionError if what must hold of it does not
   */
  public static void fuzzerTestOneInput(byte[] bytes) {
    Input input = new Input(bytes);
    String vendor = input.u8() % 2 == 0 ? "svm" : "vmx";
    String file = FILES.get(input.u8() % FILES.size());
    Loading.check(vendor, SMALL.with(file, input.rest()));
  }
}
