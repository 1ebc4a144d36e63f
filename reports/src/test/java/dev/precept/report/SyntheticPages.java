package dev.precept.report;

import dev.precept.tables.Tables;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes pages to look at into the folder given: a good run, a bad one, a large one, and four
 * subjects with two vendors of 100,000 cases each.
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
    List<Tables> vendors =
        List.of(Synthetic.tables("svm", "AMD SVM", 200), Synthetic.tables("vmx", "Intel VMX", 200));
    List<Run> four =
        List.of(
            Synthetic.run("core", vendors, 100_000, 0),
            Synthetic.run("qemu", vendors, 100_000, 30),
            Synthetic.run("bochs", vendors, 100_000, 3),
            Synthetic.run("exec:./ours --fast", vendors, 100_000, 1));
    long start = System.nanoTime();
    HtmlReport.write(out.resolve("large.html"), List.of(four.get(1)), vendors);
    System.out.println((System.nanoTime() - start) / 1_000_000 + " ms for 200,000 results");
    start = System.nanoTime();
    HtmlReport.write(out.resolve("four.html"), four, vendors);
    System.out.println((System.nanoTime() - start) / 1_000_000 + " ms for 800,000 results");
  }
}
