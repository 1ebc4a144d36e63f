package dev.precept.tables;

/**
 * A field of the control block (VMCB or VMCS).
 *
 * @param name the manual's name in lower case, such as {@code exitinfo1}, {@code cs.attrib}
 * @param offset byte offset, or VMCS encoding
 * @param width bytes, 1 to 8, or more for byte strings
 * @param register {@link dev.precept.cases.Register} name it saves, or empty
 */
public record Field(
    String name, int offset, int width, String register, Citation citation, Origin origin) {
  /** How outcomes call the field {@code name}: with blanks. */
  public static String shown(String name) {
    return name.replace('_', ' ');
  }
}
