package dev.precept.generator;

import dev.precept.generator.plan.Plan;
import dev.precept.generator.plan.Planner;
import dev.precept.generator.render.SourceFolder;
import dev.precept.generator.render.SourceRenderer;
import dev.precept.generator.render.Views;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.function.Predicate;

/** From checked tables to a plan, and from a plan to test sources. */
public final class Generator {
  private final Tables tables;
  private final Planner planner;

  /** A generator for one vendor's tables. */
  public Generator(Tables tables) {
    this.tables = tables;
    this.planner = new Planner(tables);
  }

  /** The tables. */
  public Tables tables() {
    return tables;
  }

  /** The planner, for the states and the one-hot assignments of its cases. */
  public Planner planner() {
    return planner;
  }

  /** The plan for every form. */
  public Plan plan() {
    return planner.plan();
  }

  /** The plan for the forms that {@code wanted} accepts. */
  public Plan plan(Predicate<InstructionForm> wanted) {
    return planner.plan(wanted);
  }

  /** The sources of {@code plan}, by path relative to the source root. */
  public SortedMap<String, String> sources(Plan plan) {
    return new SourceRenderer().render(new Views(tables).of(plan));
  }

  /**
   * Writes the sources of {@code plan} below {@code root}.
   *
   * @param complete whether the plan has every form, so that other generated sources are stale
   * @throws IOException if a file cannot be written
   */
  public SourceFolder.Changes write(Plan plan, Path root, boolean complete) throws IOException {
    return new SourceFolder(root).update(sources(plan), complete);
  }
}
