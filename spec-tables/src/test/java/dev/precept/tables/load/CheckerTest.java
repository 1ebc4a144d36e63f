package dev.precept.tables.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every problem, with its place and words. */
class CheckerTest {
  private static final String DOCUMENTS = "common/documents.csv";
  private static final String VARIABLES = "common/variables.csv";
  private static final String DEFINITIONS = "common/definitions.csv";
  private static final String CONSTRAINTS = "common/constraints.csv";
  private static final String CHECKS = "common/checks.csv";
  private static final String EXITS = "svm/intercepts.csv";
  private static final String FIELDS = "svm/vmcb.csv";
  private static final String FORMS = "svm/instructions/tsc.csv";

  /**
   * A mistake made in sound tables: the file, what is replaced, by what, the text at whose first
   * character the problem is, and what is said.
   */
  static Stream<Arguments> mistakes() {
    return Stream.of(
        // Header and keys
        Arguments.of(
            CHECKS,
            "condition",
            "conditoin",
            "conditoin",
            "no column 'conditoin' in this table; did you mean 'condition'?"),
        Arguments.of(
            CHECKS, ",meaning,", ",", "check,", "column 'meaning' is missing in this table"),
        Arguments.of(
            CHECKS,
            "check,result",
            "check,check,result",
            "check,result",
            "column 'check' appears twice"),
        // Names in expressions
        Arguments.of(
            CHECKS,
            "cr4.tsd",
            "cr4.tds",
            "cr4.tds",
            "no variable or definition 'cr4.tds'; did you mean 'cr4.tsd'?"),
        Arguments.of(
            CONSTRAINTS,
            "v86 ->",
            "v68 ->",
            "v68 ->",
            "'v68' is not a class of mode; did you mean 'v86'?"),
        Arguments.of(
            CONSTRAINTS,
            "mode == v86",
            "mode == 1",
            "mode == 1",
            "the classes of mode are words, not numbers"),
        Arguments.of(
            CONSTRAINTS,
            "mode == v86",
            "mode < 3",
            "mode < 3",
            "the classes of mode are words: they can be compared with ==, != and in, and have no"
                + " other value"),
        Arguments.of(
            CHECKS,
            "user && cr4.tsd",
            "user && rax",
            "rax",
            "'rax' is concrete state; conditions know only state variables"),
        Arguments.of(
            CHECKS, "user && cr4.tsd", "user &&", ",,RDTSC", "number, name or '(' expected"),
        Arguments.of(
            CHECKS,
            "user && cr4.tsd",
            "user && ?",
            "user && ?",
            "a condition cannot be undefined: '?' is for values"),
        Arguments.of(
            DEFINITIONS,
            "cpl != 0",
            "cpl != 0 && user",
            "cpl != 0 && user",
            "uses itself: user -> user"),
        // Variables
        Arguments.of(
            VARIABLES,
            "0 1,0,cr4[2]",
            "0 1,2,cr4[2]",
            "2,cr4[2]",
            "quiet '2' is not one of the classes"),
        Arguments.of(
            VARIABLES, "cr4[2]", "cr5[2]", "cr5[2]", "no register 'cr5'; did you mean 'cr0'?"),
        Arguments.of(VARIABLES, "cr4[2]", "cr4[64]", "64]", "bit 64 of something that has 64 bits"),
        Arguments.of(VARIABLES, "cr4[2]", "cr4[2:4]", "2:4]", "the high bit comes first: [4:2]"),
        Arguments.of(
            VARIABLES,
            "cr4[2]",
            "builder:mod",
            "mod,,time",
            "no builder 'mod'; did you mean 'mode'?"),
        Arguments.of(
            VARIABLES,
            "cr4[2]",
            "cpuid[1].exx[4]",
            "exx[4]",
            "CPUID has no register 'exx'; did you mean 'eax'?"),
        Arguments.of(
            VARIABLES,
            "cr4[2]",
            "cpuid[1].ecx",
            "cpuid[1].ecx",
            "a CPUID place needs its bit, such as cpuid[1].ecx[3]"),
        Arguments.of(
            VARIABLES,
            "cr4[2]",
            "vmcb.intercept_misc",
            "intercept_misc,",
            "no control-block field 'intercept_misc'; did you mean 'intercept_misc1'?"),
        Arguments.of(
            VARIABLES, "0 1 2 3,0", "0 1 2 0x2,0", "0x2,0", "class '0x2' is there already"),
        Arguments.of(
            VARIABLES,
            "real v86",
            "v86 real",
            "v86 real",
            "the classes of mode are, in this order: real v86 prot16 prot32 compat long64"),
        // Citations
        Arguments.of(
            DEFINITIONS,
            "APM2 15.9",
            "AMP2 15.9",
            "AMP2",
            "no document 'AMP2' in documents.csv; did you mean 'APM2'?"),
        Arguments.of(
            DEFINITIONS,
            "manual",
            "manuel",
            "manuel",
            "no provenance 'manuel'; did you mean 'manual'?"),
        // Checks
        Arguments.of(CHECKS, "#GP(0)", "#GX(0)", "GX", "no exception '#GX'"),
        Arguments.of(CHECKS, "#GP(0)", "#GP", "#GP", "#GP needs its error code, such as #GP(0)"),
        Arguments.of(
            CHECKS,
            "gp.tsd,#GP(0)",
            "ud.tsd,#GP(0)",
            "ud.tsd",
            "a check that raises #GP is named gp.something"),
        Arguments.of(
            CHECKS,
            "cr4.tsd,,",
            "cr4.tsd,dr6[13] = 1,",
            "dr6[13] =",
            "'target := value' expected; several are separated by ';'"),
        // Exits and fields
        Arguments.of(EXITS, ",14,", ",64,", "64,", "bit is larger than 63"),
        Arguments.of(
            EXITS,
            "0x6E",
            "6Eh",
            "6Eh",
            "'6Eh' is not a number; write 13, 0x6E or 0b101, here 0x6E"),
        Arguments.of(
            FIELDS,
            "0x5F8,8,RAX",
            "0x00E,8,RAX",
            "0x00E",
            "overlaps intercept_misc1 at 0x00C, which is 4 bytes wide"),
        // Forms
        Arguments.of(
            FORMS,
            "gp.tsd > exit",
            "gp.tds > exit",
            "gp.tds",
            "no check 'gp.tds'; did you mean 'gp.tsd'?"),
        Arguments.of(
            FORMS,
            "exit.rdtsc",
            "exit.rtdsc",
            "exit.rtdsc",
            "no check 'exit.rtdsc'; did you mean 'exit.rdtsc'?"),
        Arguments.of(
            FORMS,
            "exit.rdtsc",
            "exit.rtdsc?",
            "exit.rtdsc?",
            "no check 'exit.rtdsc'; did you mean 'exit.rdtsc'?"),
        Arguments.of(
            FORMS,
            "gp.tsd > exit.rdtsc",
            "gp.tsd > gp.tsd",
            "gp.tsd,",
            "check 'gp.tsd' is in the order twice"),
        Arguments.of(
            FORMS,
            "gp.tsd > exit",
            "gp.tsd exit",
            "exit.rdtsc",
            "'>' expected before 'exit.rdtsc'"),
        Arguments.of(FORMS, "gp.tsd >", "gp.tsd > >", "> exit", "check expected before '>'"),
        Arguments.of(FORMS, "gp.tsd > exit", "{gp.tsd exit", "exit.rdtsc", "'{' is never closed"),
        Arguments.of(FORMS, "gp.tsd >", "{gp.tsd} >", "} >", "braces hold two checks or more"),
        Arguments.of(FORMS, "0F 31", "0F 3G", "3G", "no encoding token '3G'"),
        Arguments.of(FORMS, "0F 31", "0f 31", "0f", "opcode bytes are written in capitals"),
        Arguments.of(
            FORMS, "0F 31", "0F 31 /2", "0F 31 /2", "ModRM needs both a /digit and mem or reg"),
        Arguments.of(
            FORMS, "0F 31", "0F + 31", "+ 31", "'+' makes the byte before it a mandatory prefix"),
        Arguments.of(
            FORMS, "31,all", "31,lnog64", "lnog64", "no mode 'lnog64'; did you mean 'long64'?"),
        Arguments.of(
            FORMS,
            "all,,,",
            "all,,raed 2,",
            "raed",
            "an operand is written read N, write N, rw N or address; did you mean 'read'?"),
        Arguments.of(
            FORMS, "all,,,", "all,,read 2,", "read 2", "the encoding has no memory operand"),
        Arguments.of(FORMS, "rax :=", "raxx :=", "raxx", "no register 'raxx'; did you mean 'rax'?"),
        Arguments.of(FORMS, "rdx := ?", "rax := 1", "rax := 1", "'rax' is written twice"),
        Arguments.of(
            FORMS, ",,rax", ",cpll,rax", "cpll", "no variable 'cpll'; did you mean 'cpl'?"));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void aMistakeIsToldWhereItIs(String file, String old, String by, String at, String message)
      throws IOException {
    MemorySource source = MemorySource.rdtsc().replacing(file, old, by);
    assertThat(source.problems())
        .anySatisfy(line -> assertThat(line).startsWith(place(source, file, at) + ": " + message));
  }

  @Test
  void aMistakeInAVariableDoesNotMakeItsNameUnknown() {
    assertThat(MemorySource.rdtsc().replacing(VARIABLES, "cr4[2]", "cr5[2]").problems()).hasSize(1);
  }

  @Test
  void aTwiceGivenKeyIsToldWithTheFirst() {
    assertThat(MemorySource.rdtsc().plus(DOCUMENTS, "APM2,Again,1,2,APM2,manual,").problems())
        .containsExactly(
            "common/documents.csv:3:1: 'APM2' is there already, at common/documents.csv:2:1");
  }

  @Test
  void aDuplicateRowsOtherMistakesAreToldInTheSameRun() {
    List<String> problems =
        MemorySource.rdtsc().plus(CHECKS, "gp.tsd,#GP(0),cr4.tds,,again,APM2 1,manual,").problems();
    assertThat(problems).anyMatch(problem -> problem.contains("'gp.tsd' is there already"));
    assertThat(problems).anyMatch(problem -> problem.contains("did you mean 'cr4.tsd'?"));
  }

  @Test
  void anEmptyFieldOrBitIsMissingAndNotAnotherExitsBit() {
    assertThat(
            MemorySource.rdtsc()
                .plus(EXITS, "other,,,,VMEXIT_OTHER,,,,next_rip,0,,other,APM2 1,manual,not used")
                .problems())
        .noneMatch(problem -> problem.contains("already"))
        .anyMatch(problem -> problem.contains("missing"));
  }

  @Test
  void aKeyIsUniqueAcrossFiles() {
    assertThat(
            MemorySource.rdtsc()
                .with(
                    "svm/variables.csv",
                    "variable,values,quiet,place,when,meaning,source,provenance,note",
                    "cpl,0 1,0,none,,again," + MemorySource.CITED)
                .problems())
        .containsExactly(
            "svm/variables.csv:2:1: 'cpl' is there already, at common/variables.csv:4:1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"open", "inferred"})
  void whatNoManualStatesNeedsANote(String provenance) {
    assertThat(MemorySource.rdtsc().replacing(DEFINITIONS, "manual,", provenance + ",").problems())
        .singleElement()
        .asString()
        .contains("fact needs a note that says");
  }

  @Test
  void twoExitsCannotShareABit() {
    assertThat(
            MemorySource.rdtsc()
                .plus(
                    EXITS,
                    "other,0x00D,6,0x6F,VMEXIT_OTHER,,,,next_rip,0,,other,APM2 1,manual,not used")
                .problems())
        .containsExactly("svm/intercepts.csv:3:13: this is the bit of exit 'rdtsc' already");
  }

  @Test
  void aBoundNeedsTheValuesOnBothItsSides() {
    assertThat(
            MemorySource.rdtsc()
                .replacing(DEFINITIONS, "cpl != 0", "cpl > 0 && size < 0x67")
                .plus(VARIABLES, "size,0 0x66,0,none,,bytes," + MemorySource.CITED)
                .problems())
        .containsExactly(
            "common/variables.csv:6:6: conditions compare size with a bound; it needs the values"
                + " beside it: 0x67");
  }

  @Test
  void definitionsThatUseEachOtherAreToldOnce() {
    assertThat(
            MemorySource.rdtsc()
                .plus(
                    DEFINITIONS,
                    "one,two || cpl == 1,m,APM2 1,manual,",
                    "two,one && cpl == 2,m,APM2 1,manual,")
                .replacing(DEFINITIONS, "cpl != 0", "one")
                .problems())
        .containsExactly("common/definitions.csv:3:5: uses itself: one -> two -> one");
  }

  @Test
  void definitionsThatDoubleAreTooLarge() {
    String[] rows = new String[40];
    for (int i = 0; i < rows.length; i++) {
      String before = i == 0 ? "user" : "d" + (i - 1);
      rows[i] = "d" + i + "," + before + " && " + before + ",m,APM2 1,manual,";
    }
    assertThat(MemorySource.rdtsc().plus(DEFINITIONS, rows).problems())
        .anySatisfy(line -> assertThat(line).contains("is too large an expression"));
  }

  @Test
  void aLongChainOfDefinitionsIsBounded() {
    String[] rows = new String[20_000];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = "d" + i + "," + (i == 0 ? "user" : "d" + (i - 1)) + ",m,APM2 1,manual,";
    }
    assertThat(MemorySource.rdtsc().plus(DEFINITIONS, rows).problems())
        .anySatisfy(line -> assertThat(line).contains("more than 50 deep"));
  }

  @Test
  void whatNothingUsesIsAWarning() {
    LoadResult result =
        MemorySource.rdtsc()
            .plus(CHECKS, "gp.idle,#GP(0),cpl == 1,,idle," + MemorySource.CITED)
            .plus(VARIABLES, "idle,0 1,0,none,,idle," + MemorySource.CITED)
            .plus(DEFINITIONS, "lazy,cpl == 2,idle," + MemorySource.CITED)
            .load();
    assertThat(result.ok()).isTrue();
    assertThat(result.warnings())
        .extracting(Problem::toString)
        .containsExactly(
            "common/checks.csv:3:1: warning: no instruction makes this check",
            "common/definitions.csv:3:1: warning: no expression uses this definition",
            "common/variables.csv:6:1: warning: no expression or vary uses this variable");
  }

  @Test
  void anExitThatNoInstructionTakesNeedsItsReason() {
    assertThat(
            MemorySource.rdtsc()
                .plus(EXITS, "intr,0x00C,0,0x60,VMEXIT_INTR,,,,next_rip,0,,INTR,APM2 1,manual,")
                .problems())
        .containsExactly(
            "svm/intercepts.csv:3:1: warning: no instruction takes this exit; say in its note why");
  }

  @Test
  void aConstraintThatTheQuietStateBreaksIsAWarning() {
    assertThat(
            MemorySource.rdtsc()
                .plus(CONSTRAINTS, "cpl == 3,wrong," + MemorySource.CITED)
                .problems())
        .containsExactly(
            "common/constraints.csv:3:1: warning: does not hold where every variable is quiet");
  }

  @Test
  void allMistakesAreToldInOneRun() {
    List<String> problems =
        MemorySource.rdtsc()
            .replacing(VARIABLES, "cr4[2]", "cr5[2]")
            .replacing(CHECKS, "#GP(0)", "#GP")
            .replacing(DEFINITIONS, "cpl != 0", "cpll != 0")
            .replacing(FIELDS, "rax,0x5F8", "rax,0xZ")
            .replacing(FORMS, "0F 31", "")
            .problems();
    assertThat(problems).hasSize(5);
  }

  @Test
  void aCellOnSeveralLinesCountsItsOwnLines() {
    assertThat(
            MemorySource.rdtsc()
                .replacing(CHECKS, "user && cr4.tsd", "\"user\n  && \"\"\"")
                .replacing(CHECKS, "&& \"\"\"", "&& cr4.tds\"")
                .problems())
        .singleElement()
        .asString()
        .startsWith("common/checks.csv:3:6: no variable or definition 'cr4.tds'");
  }

  @Test
  void doubledQuotesBeforeTheMistakeAreCounted() {
    assertThat(
            MemorySource.rdtsc()
                .replacing(CHECKS, "user && cr4.tsd", "\"user \"\"x\"\" && cr4.tds\"")
                .problems())
        .containsExactly("common/checks.csv:2:21: unexpected character '\"'");
  }

  /** File, line and column of the first {@code text} in {@code file}. */
  private static String place(MemorySource source, String file, String text) throws IOException {
    String all = new String(source.read(file, Integer.MAX_VALUE), StandardCharsets.UTF_8);
    int index = all.indexOf(text);
    assertThat(index).as("%s in %s", text, file).isNotNegative();
    int line = (int) all.substring(0, index).chars().filter(c -> c == '\n').count() + 1;
    return file + ":" + line + ":" + (index - all.lastIndexOf('\n', index - 1));
  }
}
