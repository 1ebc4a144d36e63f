package dev.precept.generator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.precept.cases.Expected;
import dev.precept.cases.OutcomeKind;
import dev.precept.cases.Register;
import dev.precept.generator.oracle.Oracle;
import dev.precept.generator.plan.PlannedCase;
import dev.precept.generator.state.CaseBuilder;
import dev.precept.generator.state.Setup;
import dev.precept.tables.Tables;
import dev.precept.tables.load.TableLoader;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * An instruction that sets RFLAGS.IF, or ends blocking by NMI, under interrupt-window or NMI-window
 * exiting completes, and the guest exits before its next one (SDM vol. 3, 25.2). A case ends behind
 * the instruction, so that none may be in such a state.
 */
class OpenWindowTest {
  private static final Tables TABLES = TableLoader.load("vmx").orThrow();

  @Test
  void noPlannedGuestCompletesIntoAnOpenWindow() {
    CaseBuilder builder = new CaseBuilder(TABLES);
    Oracle oracle = new Oracle(TABLES);
    List<PlannedCase> planned =
        new Generator(TABLES)
            .plan(
                form ->
                    form.effects().stream()
                        .anyMatch(
                            effect -> List.of("rflags", "nmi_masked").contains(effect.target())))
            .cases();
    assertThat(planned).hasSizeGreaterThan(1000);
    for (PlannedCase one : planned) {
      Setup setup = builder.setUp(one.form(), one.assignment(), one.id());
      for (Expected expected : oracle.expect(setup).allowed()) {
        if (expected.outcome().kind() == OutcomeKind.RETIRED) {
          assertThat(opens(setup, expected)).as(one.id()).isFalse();
        }
      }
    }
  }

  private static boolean opens(Setup setup, Expected expected) {
    boolean interrupts = (expected.outcome().state().get(Register.RFLAGS) & 0x200) != 0;
    boolean nmis = expected.outcome().state().get(Register.NMI_MASKED) == 0;
    return (interrupts && isSet(setup, "icpt.interrupt_window"))
        || (nmis && isSet(setup, "nmi_window"));
  }

  private static boolean isSet(Setup setup, String variable) {
    return setup.assignment().value(TABLES, variable) != 0;
  }
}
