package dev.precept.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
import dev.precept.cases.Difference;
import dev.precept.cases.Verdict;
import java.io.CharArrayWriter;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;

/**
 * What the report's script draws, as compact JSON: every case once, however many subjects ran it,
 * in columns of numbers; every text once; a character for each subject's verdict.
 *
 * <p>The JSON stands inside the page. So that no text can end its element or start markup, {@code
 * <}, {@code >}, {@code &} and the two line separators that JavaScript minds are written as {@code
 * \}{@code u003c} and so on.
 */
final class ReportData {
  /** Stands for a case or pair that a run does not have. */
  private static final char NONE = '.';

  /** In place of a case's number: no case can be; it is none of this report's. */
  private static final int PROVEN = -1, ELSEWHERE = -2;

  /** Characters that there is room for at first. */
  private static final int FIRST_ROOM = 1 << 20;

  private final ReportModel model;
  private final Map<String, Integer> texts = new LinkedHashMap<>();
  private final Map<String, Integer> forms;
  private final Map<String, Integer> causes = new HashMap<>();

  /** The text that was asked for last, and its number. */
  private String lastText;

  private int lastNumber;

  /** Words of the state before, and their numbers. */
  private final List<String> lastWords = new ArrayList<>();

  private final List<Integer> lastWordNumbers = new ArrayList<>();

  private ReportData(ReportModel model) {
    this.model = model;
    this.forms = model.formIndex();
    for (int i = 0; i < model.causes().size(); i++) {
      Cause cause = model.causes().get(i);
      causes.put(cause.vendor() + " " + cause.sentence(), i);
    }
  }

  /** All of it. */
  static CharArrayWriter of(ReportModel model) {
    CharArrayWriter out = new CharArrayWriter(FIRST_ROOM);
    try {
      new ReportData(model).writeTo(out);
    } catch (IOException e) {
      throw new IllegalStateException("memory can be written to", e);
    }
    return out;
  }

  private void writeTo(Writer out) throws IOException {
    JsonFactory factory = new JsonFactory();
    factory.setCharacterEscapes(new InertInHtml());
    JsonGenerator json = factory.createGenerator(out);
    json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
    json.writeStartObject();
    json.writeStringField("title", OverviewView.title(model));
    subjects(json);
    words(json);
    FormData.write(json, model);
    causes(json);
    cases(json);
    results(json);
    pairs(json);
    clauses(json);
    meanings(json);
    json.writeArrayFieldStart("s");
    for (String text : texts.keySet()) {
      json.writeString(text);
    }
    json.writeEndArray();
    json.writeEndObject();
    json.close();
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

  private void subjects(JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("subjects");
    for (int i = 0; i < model.runs().size(); i++) {
      Run run = model.runs().get(i);
      json.writeStartObject();
      json.writeStringField("name", model.subjects().get(i));
      json.writeStringField("rerun", Narrative.rerunPrefix(run.summary().info()));
      json.writeStringField("baseline", run.baseline().file());
      json.writeArrayFieldStart("known");
      for (Baseline.Line line : run.baseline().lines()) {
        strings(
            json,
            List.of(
                run.baseline().place(line.line(), 1),
                line.pattern(),
                line.until(),
                line.link(),
                line.reason()));
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void words(JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("verdicts");
    for (Verdict verdict : Verdict.values()) {
      strings(
          json, List.of(verdict.word(), verdict.meaning(), verdict.passes() ? "passes" : "fails"));
    }
    json.writeEndArray();
    json.writeArrayFieldStart("statuses");
    for (PairRecord.Status status : PairRecord.Status.values()) {
      strings(json, List.of(status.word(), status.label()));
    }
    json.writeEndArray();
    json.writeFieldName("modes");
    strings(json, model.modes());
    json.writeObjectFieldStart("vendors");
    for (Map.Entry<String, String> vendor : model.vendors().entrySet()) {
      json.writeStringField(vendor.getKey(), vendor.getValue());
    }
    json.writeEndObject();
  }

  private void causes(JsonGenerator json) throws IOException {
    json.writeArrayFieldStart("causes");
    for (Cause cause : model.causes()) {
      strings(json, List.of(cause.vendor(), cause.sort().title(), cause.sentence()));
    }
    json.writeEndArray();
  }

  private static <T> void column(
      JsonGenerator json, String name, List<T> rows, ToIntFunction<T> number) throws IOException {
    json.writeArrayFieldStart(name);
    for (T row : rows) {
      json.writeNumber(number.applyAsInt(row));
    }
    json.writeEndArray();
  }

  /** What many cases have in common: one claim of one form in one mode. */
  private record Group(
      String form,
      String mode,
      String kind,
      String claim,
      String expected,
      String first,
      String second,
      String citation,
      String row) {
    static Group of(String form, Result result) {
      return new Group(
          form,
          result.mode(),
          result.kind(),
          result.claim(),
          result.expected(),
          result.firstCheck(),
          result.secondCheck(),
          result.citation(),
          result.row());
    }

    /** Whether {@code result} is in it, of the same form: cases come in the order of groups. */
    boolean has(String itsForm, Result result) {
      return form.equals(itsForm)
          && mode.equals(result.mode())
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
    List<Result> rows = model.cases().cases();
    Map<Group, Integer> groups = new LinkedHashMap<>();
    int[] groupOf = new int[rows.size()];
    FormNames names = new FormNames("/");
    Group last = null;
    for (int i = 0; i < groupOf.length; i++) {
      String form = names.of(rows.get(i));
      if (last != null && last.has(form, rows.get(i))) {
        groupOf[i] = groupOf[i - 1];
      } else {
        last = Group.of(form, rows.get(i));
        Integer known = groups.putIfAbsent(last, groups.size());
        groupOf[i] = known == null ? groups.size() - 1 : known;
      }
    }
    List<Group> distinct = List.copyOf(groups.keySet());
    json.writeObjectFieldStart("g");
    column(json, "form", distinct, group -> forms.get(group.form()));
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
    for (Run run : model.runs()) {
      char[] verdicts = new char[model.cases().cases().size()];
      Arrays.fill(verdicts, NONE);
      List<Result> told = new ArrayList<>();
      for (int i = 0; i < run.results().size(); i++) {
        Result result = run.results().get(i);
        int at = model.cases().at(i, result);
        verdicts[at] = (char) ('0' + result.verdict().ordinal());
        boolean plain =
            result.verdict().holds()
                && result.actual().equals(model.cases().cases().get(at).expected());
        if (!plain) {
          told.add(result);
        }
      }
      Map<String, Integer> known = new HashMap<>();
      for (int i = 0; i < run.baseline().lines().size(); i++) {
        int line = i;
        run.baseline().lines().get(i).cases().forEach(id -> known.put(id, line));
      }
      json.writeStartObject();
      json.writeStringField("v", new String(verdicts));
      json.writeObjectFieldStart("d");
      for (Result result : told) {
        json.writeFieldName(Integer.toString(model.cases().at(result.id())));
        detail(json, result, known.getOrDefault(result.id(), -1));
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
    return model.cases().cases().get(model.cases().at(result.id()));
  }

  private void pairs(JsonGenerator json) throws IOException {
    List<PairRecord> rows = model.pairs().pairs();
    json.writeObjectFieldStart("p");
    column(json, "form", rows, r -> forms.get(r.vendor() + "/" + r.form()));
    column(json, "mode", rows, r -> text(r.mode()));
    column(json, "first", rows, r -> text(r.first()));
    column(json, "second", rows, r -> text(r.second()));
    column(json, "case", rows, r -> model.cases().at(r.caseId()));
    column(json, "reason", rows, r -> text(r.reason()));
    json.writeArrayFieldStart("status");
    for (Run run : model.runs()) {
      char[] statuses = new char[rows.size()];
      Arrays.fill(statuses, NONE);
      for (int i = 0; i < run.pairs().size(); i++) {
        PairRecord pair = run.pairs().get(i);
        statuses[model.pairs().at(i, pair)] = (char) ('0' + pair.status().ordinal());
      }
      json.writeString(new String(statuses));
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /** The case's number, or that it did not run. */
  private int shownBy(String caseId) {
    int at = model.cases().at(caseId);
    return at < 0 ? ELSEWHERE : at;
  }

  /** Each variable of each condition once, whatever the runs; what its cases did is theirs. */
  private void clauses(JsonGenerator json) throws IOException {
    Set<ClauseRecord> all = new LinkedHashSet<>();
    model.runs().forEach(run -> all.addAll(run.clauses()));
    List<ClauseRecord> rows =
        all.stream().filter(r -> forms.containsKey(r.vendor() + "/" + r.form())).toList();
    json.writeObjectFieldStart("q");
    column(json, "form", rows, r -> forms.get(r.vendor() + "/" + r.form()));
    column(json, "mode", rows, r -> text(r.mode()));
    column(json, "check", rows, r -> text(r.check()));
    column(json, "variable", rows, r -> text(r.variable()));
    column(json, "on", rows, r -> r.shown() ? shownBy(r.on()) : PROVEN);
    column(json, "off", rows, r -> r.shown() ? shownBy(r.off()) : PROVEN);
    json.writeEndObject();
  }

  /** What the variables mean that a state of the report mentions. */
  private void meanings(JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("meanings");
    for (Map.Entry<String, Map<String, String>> vendor : model.meanings().entrySet()) {
      json.writeObjectFieldStart(vendor.getKey());
      for (Map.Entry<String, String> one : vendor.getValue().entrySet()) {
        if (!one.getValue().isEmpty()) {
          json.writeStringField(one.getKey(), one.getValue());
        }
      }
      json.writeEndObject();
    }
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

  static void strings(JsonGenerator json, List<String> values) throws IOException {
    json.writeStartArray();
    for (String value : values) {
      json.writeString(value);
    }
    json.writeEndArray();
  }

  private static final class InertInHtml extends CharacterEscapes {
    private static final long serialVersionUID = 1L;
    private final int[] ascii = standardAsciiEscapesForJSON();

    InertInHtml() {
      for (char c : new char[] {'<', '>', '&'}) {
        ascii[c] = ESCAPE_STANDARD;
      }
    }

    @Override
    public int[] getEscapeCodesForAscii() {
      return ascii.clone();
    }

    @Override
    public SerializableString getEscapeSequence(int character) {
      return switch (character) {
        case 0x2028 -> new SerializedString("\\u2028");
        case 0x2029 -> new SerializedString("\\u2029");
        default -> null;
      };
    }
  }
}
