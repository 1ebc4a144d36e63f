package dev.precept.report;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What does not hold and no baseline expects, by cause, for the first page. */
public record CausesView(int causes, String cases, List<Group> groups) {
  private static final int FORMS_NAMED = 5;

  /** Causes of one sort. */
  public record Group(String title, List<Row> rows) {}

  /**
   * A cause.
   *
   * @param word the verdict of its cases, for the icon
   * @param vendor the vendor's name, empty where the report has one
   * @param forms some of the instruction forms that show it
   * @param subjects how many cases of each subject show it; empty where there is one subject
   */
  public record Row(
      String word,
      String sentence,
      String vendor,
      String number,
      String forms,
      String link,
      List<Share> subjects) {}

  /** A subject's part of a cause; {@code number} is empty where it has none. */
  public record Share(String subject, String number, String link) {}

  static CausesView of(ReportModel model) {
    List<Result> all = new ArrayList<>();
    Map<String, int[]> shares = new HashMap<>();
    for (int i = 0; i < model.runs().size(); i++) {
      for (Cause cause : Cause.of(model.runs().get(i).unexpected())) {
        shares.computeIfAbsent(key(cause), unused -> new int[model.runs().size()])[i] =
            cause.results().size();
        all.addAll(cause.results());
      }
    }
    List<Cause> causes = Cause.of(all);
    Map<Cause.Sort, List<Row>> groups = new LinkedHashMap<>();
    for (Cause cause : causes) {
      groups
          .computeIfAbsent(cause.sort(), unused -> new ArrayList<>())
          .add(row(model, cause, shares.get(key(cause))));
    }
    return new CausesView(
        causes.size(),
        Texts.count(all.size(), "case"),
        groups.entrySet().stream()
            .map(group -> new Group(group.getKey().title(), group.getValue()))
            .toList());
  }

  private static String key(Cause cause) {
    return cause.vendor() + " " + cause.sentence();
  }

  private static Row row(ReportModel model, Cause cause, int[] counts) {
    String link = link(cause);
    List<Share> shares = new ArrayList<>();
    for (int i = 0; model.several() && i < counts.length; i++) {
      String subject = model.subjects().get(i);
      shares.add(
          new Share(
              subject,
              counts[i] > 0 ? Texts.number(counts[i]) : "",
              link + "&subject=" + Texts.fragment(subject)));
    }
    List<String> forms = List.copyOf(cause.modesByForm().keySet());
    return new Row(
        cause.results().get(0).verdict().word(),
        cause.sentence(),
        model.vendors().size() > 1 ? model.vendors().get(cause.vendor()) : "",
        Texts.number(cause.results().size()),
        Texts.some(forms, FORMS_NAMED),
        link,
        shares);
  }

  /** The address of a cause's page. */
  static String link(Cause cause) {
    return "#cause="
        + Texts.fragment(cause.sentence())
        + "&vendor="
        + Texts.fragment(cause.vendor());
  }
}
