package dev.precept.sweep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.Case;
import dev.precept.cases.Observation;
import dev.precept.generator.plan.PlannedCase;
import dev.precept.generator.plan.Planner;
import dev.precept.generator.state.CaseBuilder;
import dev.precept.subject.CoreSubject;
import dev.precept.subject.PreparedCase;
import dev.precept.tables.Tables;
import dev.precept.tables.load.TableLoader;
import dev.precept.tables.load.TablesException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Planned cases of both vendors, prepared to be run over and over. */
class PreparedCasesTest {
  /** Every so many planned cases one. */
  private static final int EVERY = 499;

  private static final Map<String, List<Case>> CASES = new ConcurrentHashMap<>();

  /** Planning takes longer than the rest: once for each vendor. */
  private static List<Case> cases(String vendor) {
    return CASES.computeIfAbsent(vendor, PreparedCasesTest::planned);
  }

  /** Forms that test the entry into the guest: many of their guests come to no instruction. */
  private static final Set<String> ENTERING =
      Set.of(
          "entry",
          "link",
          "x2avic",
          "pae",
          "lme",
          "inject",
          "np_inject",
          "vintr",
          "vnmi",
          "vgif",
          "tpr",
          "tpr_write",
          "ept_inject",
          "inject_debug",
          "pending_debug",
          "msr_load",
          "window",
          "nmi_window",
          "nmi_window_iret",
          "vnmi_inject",
          "vnmi_vgif",
          "vnmi_iret",
          "inject_cp",
          "width",
          "efer",
          "pae_real",
          "pdptes",
          "activity",
          "area",
          "pending_step",
          "timer",
          "mtf");

  private static List<Case> planned(String vendor) {
    Tables tables;
    try {
      tables = TableLoader.load(vendor).orThrow();
    } catch (TablesException e) {
      throw new IllegalStateException(e);
    }
    List<PlannedCase> planned = new Planner(tables).plan().cases();
    CaseBuilder builder = new CaseBuilder(tables);
    List<Case> cases = new ArrayList<>();
    for (int i = 0; i < planned.size(); i += EVERY) {
      PlannedCase one = planned.get(i);
      boolean entering = ENTERING.contains(one.form().form()) || one.form().id().equals("vmrun.np");
      if (!entering) {
        cases.add(builder.build(one.form(), one.assignment(), one.id()));
      }
    }
    return List.copyOf(cases);
  }

  @ParameterizedTest
  @ValueSource(strings = {"svm", "vmx"})
  void aPreparedCaseShowsWhatTheCoreShowsAndAlwaysTheSame(String vendor) {
    int prepared = 0;
    try (CoreSubject core = new CoreSubject()) {
      for (Case testCase : cases(vendor)) {
        Observation seen = core.run(testCase);
        PreparedCase fast = PreparedCase.of(testCase);
        assertThat(fast.observation()).usingRecursiveComparison().as(testCase.id()).isEqualTo(seen);
        for (int again = 0; again < 2; again++) {
          assertThat(fast.run()).as(testCase.id()).isTrue();
        }
        prepared++;
      }
    }
    assertThat(prepared).isGreaterThan(50);
  }

  @ParameterizedTest
  @ValueSource(strings = {"svm", "vmx"})
  void runningAPreparedCaseAllocatesNothing(String vendor) {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long self = Thread.currentThread().getId();
    for (Case testCase : cases(vendor).stream().limit(40).toList()) {
      PreparedCase fast = PreparedCase.of(testCase);
      fast.run();
      long before = threads.getThreadAllocatedBytes(self);
      for (int i = 0; i < 1_000; i++) {
        fast.run();
      }
      long allocated = threads.getThreadAllocatedBytes(self) - before;

      // Reading the counter, and classes initialised late, allocate a little; a thousand runs none.
      assertThat(allocated).as(testCase.id()).isLessThan(1_000);
    }
  }
}
