package dev.precept.junit;

import dev.precept.cases.Case;
import dev.precept.cases.Expectation;
import dev.precept.cases.Judge;
import dev.precept.cases.Observation;
import dev.precept.generator.plan.PlannedCase;
import dev.precept.generator.state.UnbuildableException;
import dev.precept.generator.vendor.VendorState;
import dev.precept.tables.Tables;
import dev.precept.tables.load.TableLoader;
import dev.precept.tables.load.TablesException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The planned cases of the gate, ready to be run. What generated classes do for a case is done here
 * without compiling them, by the same parts, in whose package this therefore is; random states are
 * left out, so that a score repeats.
 */
public final class PlannedCases {
  private PlannedCases() {}

  /** A case, and what the tables allow. */
  public record Ready(VendorState vendor, Case testCase, Expectation expectation) {
    /** Whether {@code seen} is what the manual says. */
    public boolean holds(Observation seen) {
      return Judge.judge(testCase, expectation, vendor.decode(testCase, seen)).verdict().holds();
    }
  }

  /**
   * All of {@code vendor}'s, neighbours far apart: the first of them are of every form.
   *
   * @param instructions whose cases; all if there are none
   * @throws TablesException if the built-in tables are wrong
   */
  public static List<Ready> of(String vendor, Set<String> instructions) throws TablesException {
    Tables tables = TableLoader.load(vendor).orThrow();
    Bench bench = new Bench(tables);
    VendorState state = VendorState.of(tables);
    List<Ready> ready =
        bench
            .planner()
            .plan(form -> instructions.isEmpty() || instructions.contains(form.instruction()))
            .cases()
            .parallelStream()
            .map(planned -> ready(bench, state, planned))
            .flatMap(List::stream)
            .toList();
    return spread(ready);
  }

  private static List<Ready> ready(Bench bench, VendorState state, PlannedCase planned) {
    List<Ready> ready = new ArrayList<>();
    for (Session.Part part :
        Session.parts(
            bench, planned.form(), planned.kind().word(), planned.assignment(), planned.id())) {
      try {
        Bench.Prepared prepared = bench.prepare(planned.form(), part.assignment(), part.id());
        ready.add(new Ready(state, prepared.testCase(), prepared.expectation()));
      } catch (UnbuildableException notApplicable) {
        // So the gate calls it: it notices nothing.
      }
    }
    return ready;
  }

  private static List<Ready> spread(List<Ready> ready) {
    int stride = 97;
    List<Ready> spread = new ArrayList<>(ready.size());
    for (int from = 0; from < stride; from++) {
      for (int i = from; i < ready.size(); i += stride) {
        spread.add(ready.get(i));
      }
    }
    return spread;
  }
}
