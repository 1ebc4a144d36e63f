package dev.precept.tables;

import java.util.List;
import java.util.Map;

/**
 * One vendor's tables, checked. All maps keep table order.
 *
 * @param vendor {@code svm} or {@code vmx}
 * @param vendorName as people write it, such as {@code AMD SVM}
 * @param controlBlock what the manual calls a guest's control block: {@code VMCB} or {@code VMCS}
 * @param documents cited documents by their key: title, number and revision
 * @param variables by name, exit bits ({@code icpt.ID}) included
 * @param checks by id, exit checks ({@code exit.ID}) and the per-form {@code ud.mode} and {@code
 *     ud.gate} excluded: {@link #check} gives those
 * @param exits by id
 * @param fields control-block fields by name
 */
public record Tables(
    String vendor,
    String vendorName,
    String controlBlock,
    Map<String, String> documents,
    Map<String, Variable> variables,
    Map<String, Definition> definitions,
    List<Constraint> constraints,
    Map<String, Check> checks,
    Map<String, ExitControl> exits,
    Map<String, Field> fields,
    List<InstructionForm> forms) {

  /** Names of the variables that are exits' bits ({@code icpt.ID}), in table order. */
  public List<String> exitBits() {
    return exits.values().stream().flatMap(exit -> exit.variable().stream()).toList();
  }

  /**
   * The check {@code id} as {@code form} takes it: from the table of checks, or made from the exit
   * control ({@code exit.ID}), the form's modes ({@code ud.mode}) or its gate ({@code ud.gate}).
   *
   * @throws java.util.NoSuchElementException if there is none; checked tables never refer to one
   */
  public Check check(InstructionForm form, String id) {
    return DerivedChecks.of(this, form, id);
  }
}
