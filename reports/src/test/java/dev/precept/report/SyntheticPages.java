package dev.precept.report;

import dev.precept.tables.Tables;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes pages to look at into the folder given: a good run, a bad one, two subjects, a large one.
 */
final class SyntheticPages {
  private SyntheticPages() {}

  public static void main(String[] arguments) throws IOException {
    Path out = Path.of(arguments[0]);
    Tables tables = Synthetic.tables(40);
    Run bad = Synthetic.run("bochs", tables, 3000, 12);
    HtmlReport.write(
        out.resolve("good.html"), List.of(Synthetic.run("core", tables, 3000, 0)), List.of(tables));
    HtmlReport.write(out.resolve("bad.html"), List.of(bad), List.of(tables));
    HtmlReport.write(
        out.resolve("two.html"),
        List.of(Synthetic.run("core", tables, 3000, 0), bad),
        List.of(tables));
    Tables large = Synthetic.tables(220);
    long start = System.nanoTime();
    HtmlReport.write(
        out.resolve("large.html"),
        List.of(Synthetic.run("core", large, 100_000, 3)),
        List.of(large));
    System.out.println((System.nanoTime() - start) / 1_000_000 + " ms for the large page");
  }
}
