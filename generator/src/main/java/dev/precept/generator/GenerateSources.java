package dev.precept.generator;

import dev.precept.generator.plan.PairStatus;
import dev.precept.generator.plan.Plan;
import dev.precept.generator.render.SourceFolder;
import dev.precept.tables.load.TableLoader;
import dev.precept.tables.load.TableSource;
import dev.precept.tables.load.TablesException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Writes the test sources of every vendor's built-in tables; the build calls it. */
public final class GenerateSources {
  private GenerateSources() {}

  /**
   * Takes one argument, the source root to write to.
   *
   * @throws TablesException if the tables have errors
   * @throws IOException if a source cannot be written
   */
  public static void main(String[] arguments) throws IOException, TablesException {
    if (arguments.length != 1) {
      throw new IllegalArgumentException("one argument expected: the folder for the sources");
    }
    Path root = Path.of(arguments[0]);
    for (String vendor : TableLoader.vendors(List.of(TableSource.builtIn()))) {
      SourceFolder.Update folder = new SourceFolder(root).begin();
      Plan plan =
          new Generator(TableLoader.load(vendor).orThrow()).sources(form -> true, folder::put);
      SourceFolder.Changes changes = folder.finish(true, Set.of());
      System.out.println(
          vendor
              + ": "
              + plan.cases().size()
              + " cases; of "
              + plan.pairs().size()
              + " pairs "
              + plan.count(PairStatus.Status.TESTED)
              + " tested, "
              + plan.count(PairStatus.Status.ALIKE_TESTED)
              + " indistinguishable, "
              + plan.count(PairStatus.Status.OPEN_TESTED)
              + " open, "
              + plan.count(PairStatus.Status.IMPOSSIBLE)
              + " impossible, "
              + plan.count(PairStatus.Status.MASKED)
              + " masked; "
              + changes.written().size()
              + " sources written, "
              + changes.unchanged()
              + " unchanged, "
              + changes.removed().size()
              + " removed");
    }
  }
}
