package dev.precept.benchmarks;

import dev.precept.generator.oracle.Oracle;
import dev.precept.generator.plan.PlannedCase;
import dev.precept.generator.plan.Planner;
import dev.precept.generator.state.CaseBuilder;
import dev.precept.generator.vendor.VendorState;
import dev.precept.tables.Tables;
import dev.precept.tables.load.TableLoader;
import dev.precept.tables.load.TablesException;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One vendor's built-in tables, with what makes cases of them. */
@State(Scope.Benchmark)
public class BuiltInTables {
  /** The vendor. */
  @Param({"svm", "vmx"})
  public String vendor;

  Tables tables;
  Planner planner;
  CaseBuilder builder;
  Oracle oracle;
  VendorState state;

  /** Loads them. */
  @Setup
  public void load() throws TablesException {
    tables = TableLoader.load(vendor).orThrow();
    planner = new Planner(tables);
    builder = new CaseBuilder(tables);
    oracle = new Oracle(tables);
    state = VendorState.of(tables);
  }

  /** The first planned case of a form in 64-bit mode whose id ends in {@code end}. */
  PlannedCase planned(String form, String end) {
    return planner.plan(one -> one.id().equals(form)).cases().stream()
        .filter(one -> one.id().contains("/long64/") && one.id().endsWith(end))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no case of " + form + " ends in " + end));
  }
}
