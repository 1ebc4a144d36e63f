package dev.precept.report;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.precept.cases.Difference;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;

/**
 * What the report's data say of one form: every case once, however many subjects ran it, in columns
 * of numbers; every text once; a character for each subject's verdict. Texts and cases have numbers
 * of the form's own, from 0, so that what is said of it depends on no other form.
 */
final class FormPart {
  /** Stands for a case or pair that a run does not have. */
  private static final char NONE = '.';

  /** In place of a case's number: no case can be; it is none of this report's. */
  private static final int PROVEN = -1, ELSEWHERE = -2;

  private final FormResults runs;
  private final CaseTable cases;
  private final PairTable pairs;
  private final Map<String, Integer> causes;
  private final List<Map<String, Integer>> known;
  private final Map<String, Integer> texts = new LinkedHashMap<>();

  /** The text that was asked for last, and its number. */
  private String lastText;

  private int lastNumber;

  /** Words of the state before, and their numbers. */
  private final List<String> lastWords = new ArrayList<>();

  private final List<Integer> lastWordNumbers = new ArrayList<>();

  /**
   * What {@code runs} say.
   *
   * @param causes number of each cause, by vendor and sentence
   * @param known of each run, line of its baseline by case
   */
  FormPart(FormResults runs, Map<String, Integer> causes, List<Map<String, Integer>> known) {
    this.runs = runs;
    this.cases = CaseTable.of(runs.results());
    this.pairs = PairTable.of(runs.pairs());
    this.causes = causes;
    this.known = known;
  }

  void write(JsonGenerator json) throws IOException {
    json.writeStartObject();
    cases(json);
    results(json);
    pairs(json);
    clauses(json);
    json.writeFieldName("s");
    ReportData.strings(json, texts.keySet());
    json.writeEndObject();
  }

  private int text(String value) {
    // In a column the same text stands many times one below the other.
    if (!value.equals(lastText)) {
      Integer known = texts.putIfAbsent(value, texts.size());
      lastNumber = known == null ? texts.size() - 1 : known;
      lastText = value;
    }
    return lastNumber;
  }

  private static <T> void column(
      JsonGenerator json, String name, List<T> rows, ToIntFunction<T> number) throws IOException {
    json.writeArrayFieldStart(name);
    for (T row : rows) {
      json.writeNumber(number.applyAsInt(row));
    }
    json.writeEndArray();
  }

  /** What many cases have in common: one claim in one mode. */
  private record Group(
      String mode,
      String kind,
      String claim,
      String expected,
      String first,
      String second,
      String citation,
      String row) {
    static Group of(Result result) {
      return new Group(
          result.mode(),
          result.kind(),
          result.claim(),
          result.expected(),
          result.firstCheck(),
          result.secondCheck(),
          result.citation(),
          result.row());
    }

    /** Whether {@code result} is in it: cases come in the order of groups. */
    boolean has(Result result) {
      return mode.equals(result.mode())
          && kind.equals(result.kind())
          && claim.equals(result.claim())
          && expected.equals(result.expected())
          && first.equals(result.firstCheck())
          && second.equals(result.secondCheck())
          && citation.equals(result.citation())
          && row.equals(result.row());
    }
  }

  private void cases(JsonGenerator json) throws IOException {
    List<Result> rows = cases.cases();
    Map<Group, Integer> groups = new LinkedHashMap<>();
    int[] groupOf = new int[rows.size()];
    Group last = null;
    for (int i = 0; i < groupOf.length; i++) {
      if (last != null && last.has(rows.get(i))) {
        groupOf[i] = groupOf[i - 1];
      } else {
        last = Group.of(rows.get(i));
        Integer known = groups.putIfAbsent(last, groups.size());
        groupOf[i] = known == null ? groups.size() - 1 : known;
      }
    }
    List<Group> distinct = List.copyOf(groups.keySet());
    json.writeObjectFieldStart("g");
    column(json, "mode", distinct, group -> text(group.mode()));
    column(json, "kind", distinct, group -> text(group.kind()));
    column(json, "claim", distinct, group -> text(group.claim()));
    column(json, "expected", distinct, group -> text(group.expected()));
    column(json, "first", distinct, group -> text(group.first()));
    column(json, "second", distinct, group -> text(group.second()));
    column(json, "cite", distinct, group -> text(group.citation()));
    column(json, "row", distinct, group -> text(group.row()));
    json.writeEndObject();
    json.writeObjectFieldStart("c");
    json.writeFieldName("group");
    json.writeArray(groupOf, 0, groupOf.length);
    // An id in two parts: the first is the same for many cases, the second for many forms.
    column(json, "before", rows, r -> beginning(r.id()));
    column(json, "last", rows, r -> text(r.id().substring(lastSlash(r.id()))));
    column(json, "bytes", rows, r -> text(r.reproducer().bytes()));
    json.writeArrayFieldStart("state");
    for (Result row : rows) {
      words(json, row.assignment());
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /** The words of {@code text}, between spaces. */
  private void words(JsonGenerator json, String text) throws IOException {
    json.writeStartArray();
    int place = 0;
    for (int from = 0; from < text.length(); ) {
      int space = text.indexOf(' ', from);
      int to = space < 0 ? text.length() : space;
      if (to > from) {
        json.writeNumber(word(place++, text, from, to));
      }
      from = to + 1;
    }
    json.writeEndArray();
  }

  /**
   * The number of a word.
   *
   * @param place how many words are before it: most stand at the same place in the text before
   */
  private int word(int place, String text, int from, int to) {
    if (place == lastWords.size()) {
      lastWords.add("");
      lastWordNumbers.add(0);
    }
    String last = lastWords.get(place);
    if (last.length() != to - from || !text.startsWith(last, from)) {
      String word = text.substring(from, to);
      lastWords.set(place, word);
      lastWordNumbers.set(place, text(word));
    }
    return lastWordNumbers.get(place);
  }

  /** The number of what {@code id} begins with, up to its last slash. */
  private int beginning(String id) {
    int length = lastSlash(id);
    boolean same = lastText != null && lastText.length() == length && id.startsWith(lastText);
    return same ? lastNumber : text(id.substring(0, length));
  }

  private static int lastSlash(String id) {
    return id.lastIndexOf('/') + 1;
  }

  /** For each run: a character a case for the verdict, and what it takes to tell what happened. */
  private void results(JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("r");
    for (int n = 0; n < runs.results().size(); n++) {
      List<Result> run = runs.results().get(n);
      char[] verdicts = new char[cases.cases().size()];
      Arrays.fill(verdicts, NONE);
      List<Result> told = new ArrayList<>();
      for (int i = 0; i < run.size(); i++) {
        Result result = run.get(i);
        int at = cases.at(i, result);
        verdicts[at] = (char) ('0' + result.verdict().ordinal());
        boolean plain =
            result.verdict().holds() && result.actual().equals(cases.cases().get(at).expected());
        if (!plain) {
          told.add(result);
        }
      }
      json.writeStartObject();
      json.writeStringField("v", new String(verdicts));
      json.writeObjectFieldStart("d");
      for (Result result : told) {
        json.writeFieldName(Integer.toString(cases.at(result.id())));
        detail(json, result, known.get(n).getOrDefault(result.id(), -1));
      }
      json.writeEndObject();
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void detail(JsonGenerator json, Result result, int knownLine) throws IOException {
    json.writeStartObject();
    field(json, "actual", result.actual());
    if (!result.expected().equals(caseOf(result).expected())) {
      field(json, "expected", result.expected());
    }
    if (!result.verdict().holds()) {
      Reproducer reproducer = result.reproducer();
      field(json, "headline", Narrative.headline(result));
      field(json, "expectedCheck", result.expectedCheck());
      field(json, "actualCheck", result.actualCheck());
      field(json, "assembly", reproducer.assembly());
      field(json, "reveals", result.reveals());
      field(json, "remark", result.remark());
      Integer cause = causes.get(result.vendor() + " " + Cause.sentence(result));
      if (cause != null) {
        json.writeNumberField("cause", cause);
      }
      if (knownLine >= 0) {
        json.writeNumberField("known", knownLine);
      }
      json.writeFieldName("differences");
      List<String> differences = new ArrayList<>();
      for (Difference one : result.differences()) {
        differences.addAll(List.of(one.name(), one.expected(), one.actual()));
      }
      texts(json, differences);
      json.writeFieldName("registers");
      List<String> registers = new ArrayList<>();
      reproducer.registers().forEach((name, value) -> registers.add(name + " = " + value));
      texts(json, registers);
      json.writeFieldName("control");
      texts(json, reproducer.controlBlockBits());
      json.writeFieldName("memory");
      texts(json, reproducer.memory());
    }
    json.writeEndObject();
  }

  private Result caseOf(Result result) {
    return cases.cases().get(cases.at(result.id()));
  }

  private void pairs(JsonGenerator json) throws IOException {
    List<PairRecord> rows = pairs.pairs();
    json.writeObjectFieldStart("p");
    column(json, "mode", rows, r -> text(r.mode()));
    column(json, "first", rows, r -> text(r.first()));
    column(json, "second", rows, r -> text(r.second()));
    column(json, "case", rows, r -> cases.at(r.caseId()));
    column(json, "reason", rows, r -> text(r.reason()));
    json.writeArrayFieldStart("status");
    for (List<PairRecord> run : runs.pairs()) {
      char[] statuses = new char[rows.size()];
      Arrays.fill(statuses, NONE);
      for (int i = 0; i < run.size(); i++) {
        PairRecord pair = run.get(i);
        statuses[pairs.at(i, pair)] = (char) ('0' + pair.status().ordinal());
      }
      json.writeString(new String(statuses));
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /** The case's number, or that it did not run. */
  private int shownBy(String caseId) {
    int at = cases.at(caseId);
    return at < 0 ? ELSEWHERE : at;
  }

  /** Each variable of each condition once, whatever the runs; what its cases did is theirs. */
  private void clauses(JsonGenerator json) throws IOException {
    Set<ClauseRecord> all = new LinkedHashSet<>();
    runs.clauses().forEach(all::addAll);
    List<ClauseRecord> rows = List.copyOf(all);
    json.writeObjectFieldStart("q");
    column(json, "mode", rows, r -> text(r.mode()));
    column(json, "check", rows, r -> text(r.check()));
    column(json, "variable", rows, r -> text(r.variable()));
    column(json, "on", rows, r -> r.shown() ? shownBy(r.on()) : PROVEN);
    column(json, "off", rows, r -> r.shown() ? shownBy(r.off()) : PROVEN);
    json.writeEndObject();
  }

  private void field(JsonGenerator json, String name, String value) throws IOException {
    if (!value.isEmpty()) {
      json.writeNumberField(name, text(value));
    }
  }

  private void texts(JsonGenerator json, List<String> values) throws IOException {
    json.writeStartArray();
    for (String value : values) {
      json.writeNumber(text(value));
    }
    json.writeEndArray();
  }
}
