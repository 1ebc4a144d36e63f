package dev.precept.cli;

import dev.precept.generator.Generator;
import dev.precept.generator.plan.Plan;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Tables;
import dev.precept.tables.compare.ComparisonText;
import dev.precept.tables.compare.OrderComparison;
import dev.precept.tables.text.Style;
import dev.precept.tables.text.TablesText;
import java.util.List;

/**
 * What {@code precept tables explain} says, in its parts.
 *
 * @param style how parts stand out
 * @param width columns; nothing that can be broken is longer
 */
record Explanation(Style style, int width) {
  /**
   * What one vendor's tables say of {@code name}, an instruction or a form, and how many tests that
   * gives; empty where they do not have it.
   */
  String of(Tables vendor, String name) {
    return exists(vendor, name)
        ? of(vendor, name, new Generator(vendor).plan(form -> named(form, name)))
        : "";
  }

  /**
   * The same.
   *
   * @param plan which has all forms of that name, and may have others
   */
  String of(Tables vendor, String name, Plan plan) {
    String told = new TablesText(vendor, style, width).explain(name);
    return told.isEmpty()
        ? ""
        : told + new TestsText(width).of(plan, form -> named(form, name)) + "\n";
  }

  /** The two vendors' orders of what both have, next to each other. */
  String compared(Tables left, Tables right, String name) {
    String instruction = name.split("\\.", 2)[0];
    StringBuilder text = new StringBuilder();
    for (OrderComparison one : OrderComparison.of(left, right, instruction)) {
      if (name.equals(instruction) || name.equals(one.left().form())) {
        text.append(ComparisonText.of(one, style, width));
      }
    }
    return text.toString();
  }

  /** {@link #compared(Tables, Tables, String)} of each two of {@code vendors}. */
  String compared(List<Tables> vendors, String name) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < vendors.size(); i++) {
      for (Tables other : vendors.subList(i + 1, vendors.size())) {
        text.append(compared(vendors.get(i), other, name));
      }
    }
    return text.toString();
  }

  private static boolean exists(Tables vendor, String name) {
    return vendor.forms().stream().anyMatch(form -> named(form, name));
  }

  private static boolean named(InstructionForm form, String name) {
    return form.instruction().equals(name) || form.id().equals(name);
  }
}
