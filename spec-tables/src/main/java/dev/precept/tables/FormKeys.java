package dev.precept.tables;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What each form's cases come from, as a checksum: the form's own row, the checks in its order, and
 * all that every form shares (variables, definitions, constraints, exits, fields). Rows of other
 * forms and checks of other forms have no part in it, so an edit of one row changes the checksums
 * of the forms that have it. Where a row stands counts too, because results name it.
 */
public final class FormKeys {
  private FormKeys() {}

  /** The checksum (SHA-256, in hex) of each form of {@code tables}, by form id. */
  public static SortedMap<String, String> of(Tables tables) {
    MessageDigest shared = digest();
    add(shared, tables.vendor());
    add(shared, tables.vendorName());
    add(shared, tables.controlBlock());
    add(shared, tables.documents());
    add(shared, tables.variables());
    add(shared, tables.definitions());
    add(shared, tables.constraints());
    add(shared, tables.exits());
    add(shared, tables.fields());
    byte[] common = shared.digest();
    // By identity: many forms make the same check, which says what it holds only once.
    IdentityHashMap<Check, byte[]> checks = new IdentityHashMap<>();
    SortedMap<String, String> keys = new TreeMap<>();
    for (InstructionForm form : tables.forms()) {
      MessageDigest digest = digest();
      digest.update(common);
      add(digest, parts(form));
      for (String id : form.order().checks()) {
        digest.update(checks.computeIfAbsent(tables.check(form, id), FormKeys::digestOf));
      }
      keys.put(form.id(), HexFormat.of().formatHex(digest.digest()));
    }
    return Collections.unmodifiableSortedMap(keys);
  }

  /** All of {@code form}; its sets sorted, because their order is another in every JVM. */
  private static List<Object> parts(InstructionForm form) {
    return List.of(
        form.instruction(),
        form.form(),
        form.mnemonic(),
        form.encoding(),
        Arrays.stream(Mode.values()).filter(form.modes()::contains).toList(),
        form.gate(),
        form.operand(),
        form.order().groups(),
        new TreeSet<>(form.order().optional()),
        form.vary(),
        form.effects(),
        form.fixed(),
        form.citation(),
        form.origin());
  }

  /** Records say all that they hold. */
  private static void add(MessageDigest digest, Object part) {
    digest.update(part.toString().getBytes(StandardCharsets.UTF_8));
    digest.update((byte) 0);
  }

  private static byte[] digestOf(Check check) {
    MessageDigest digest = digest();
    add(digest, check);
    return digest.digest();
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
