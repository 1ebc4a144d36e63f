package dev.precept.report;

import dev.precept.tables.Check;
import dev.precept.tables.Citation;
import dev.precept.tables.InstructionForm;
import dev.precept.tables.Mode;
import dev.precept.tables.Origin;
import dev.precept.tables.Tables;
import dev.precept.tables.expr.Expr;
import dev.precept.tables.text.Notation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * An instruction form as the report shows it: from the tables, or, where the tables do not have it,
 * from the results alone.
 *
 * @param vendor {@code svm} or {@code vmx}
 * @param vendorName such as {@code AMD SVM}
 * @param name the mnemonic, with the form's slug where several forms have the same mnemonic
 * @param id {@code lmsw.mem}
 * @param instruction {@code lmsw}
 * @param family name of the table file, {@code timestamp}
 * @param groups ids of its checks in order; those of one list are in an open order
 * @param checks its checks by id
 */
record FormView(
    String vendor,
    String vendorName,
    String name,
    String id,
    String instruction,
    String mnemonic,
    String encoding,
    List<String> modes,
    String gate,
    String family,
    List<List<String>> groups,
    Map<String, CheckView> checks,
    SourceView source) {

  /**
   * One check of the form.
   *
   * @param optional no source settles whether the check is made at all
   */
  record CheckView(
      String result,
      boolean exit,
      boolean optional,
      String condition,
      String meaning,
      SourceView source) {}

  /** Where a row's fact comes from. */
  record SourceView(String citation, String provenance, String note, String row) {
    static SourceView of(Citation citation, Origin origin) {
      return new SourceView(
          citation.text(),
          citation.provenance().name().toLowerCase(Locale.ROOT),
          citation.note(),
          origin.file() + ":" + origin.line());
    }
  }

  /** {@code svm/lmsw.mem}. */
  String key() {
    return vendor + "/" + id;
  }

  /**
   * The view of {@code form}.
   *
   * @param shared whether another form has its mnemonic
   */
  static FormView of(Tables tables, InstructionForm form, boolean shared) {
    Notation text = new Notation(tables);
    Map<String, CheckView> checks = new LinkedHashMap<>();
    for (String id : form.order().checks()) {
      Check check = tables.check(form, id);
      checks.put(
          id,
          new CheckView(
              text.result(check),
              check.result() instanceof Check.Exit,
              form.order().optional(id),
              condition(text, check.condition()),
              check.meaning(),
              SourceView.of(check.citation(), check.origin())));
    }
    return new FormView(
        tables.vendor(),
        tables.vendorName(),
        name(form, shared),
        form.id(),
        form.instruction(),
        form.mnemonic(),
        form.encoding(),
        form.modes().stream().sorted().map(Mode::word).toList(),
        condition(text, form.gate()),
        family(form.origin()),
        form.order().groups(),
        checks,
        SourceView.of(form.citation(), form.origin()));
  }

  /** What can be told of a form that only results name. */
  static FormView unknown(String vendor, String id) {
    int dot = id.indexOf('.');
    String instruction = dot < 0 ? id : id.substring(0, dot);
    String mnemonic = id.toUpperCase(Locale.ROOT).replace('.', ' ');
    return new FormView(
        vendor,
        vendor,
        mnemonic,
        id,
        instruction,
        mnemonic,
        "",
        List.of(),
        "",
        "not in these tables",
        List.of(),
        Map.of(),
        new SourceView("", "manual", "", ""));
  }

  private static String name(InstructionForm form, boolean shared) {
    return shared && !form.form().isEmpty()
        ? form.mnemonic() + " (" + form.form() + ")"
        : form.mnemonic();
  }

  private static String condition(Notation text, Expr condition) {
    return condition.equals(Expr.TRUE) ? "" : text.expr(condition);
  }

  private static String family(Origin origin) {
    String file = origin.file().substring(origin.file().lastIndexOf('/') + 1);
    String name = file.endsWith(".csv") ? file.substring(0, file.length() - 4) : file;
    return name.replace('-', ' ').replace('_', ' ');
  }

  /** Pairs of this form's groups that hold more than one check. */
  List<List<String>> openGroups() {
    List<List<String>> open = new ArrayList<>();
    for (List<String> group : groups) {
      if (group.size() > 1) {
        open.add(group);
      }
    }
    return open;
  }
}
