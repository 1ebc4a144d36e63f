package dev.precept.generator;

import dev.precept.tables.Tables;
import dev.precept.tables.load.TableLoader;
import dev.precept.tables.load.TableSource;
import dev.precept.tables.load.TablesException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Tables for tests, with four flags {@code a b c d}, a number {@code n} and the exits {@code x} and
 * {@code y}; a test adds checks, constraints and forms.
 */
public final class SmallTables implements TableSource {
  private static final String CITED = "APM2 15.9,manual,";

  private final Map<String, String> files = new TreeMap<>();

  private SmallTables() {}

  public static SmallTables tables() {
    SmallTables tables = new SmallTables();
    tables.file(
        "common/documents.csv",
        "document,title,number,revision,source,provenance,note",
        "APM2,System Programming,24593,3.44,APM2,manual,");
    tables.file(
        "common/variables.csv",
        "variable,values,quiet,place,when,meaning,source,provenance,note",
        "mode,real v86 prot16 prot32 compat long64,long64,builder:mode,,mode," + CITED,
        "guest,0 1,1,builder:mode,,in a guest," + CITED,
        "a,0 1,0,none,,flag a," + CITED,
        "b,0 1,0,none,,flag b," + CITED,
        "c,0 1,0,none,,flag c," + CITED,
        "d,0 1,0,none,,flag d," + CITED,
        "n,0 1 2 3,0,none,,a number," + CITED);
    tables.file("common/constraints.csv", "constraint,reason,source,provenance,note");
    tables.file(
        "common/checks.csv",
        "check,result,condition,writes,meaning,source,provenance,note",
        "ud.a,#UD,a,,a is set," + CITED,
        "gp.b,#GP(0),b,,b is set," + CITED,
        "gp.c,#GP(0),c,,c is set," + CITED,
        "gp.ab,#GP(0),a && b,,a and b are set," + CITED,
        "gp.not_a,#GP(0),!a,,a is clear," + CITED,
        "gp.not_b,#GP(0),!b && c,,c without b," + CITED,
        "gp.a_or_b,#GP(0),a || b,,a or b is set," + CITED,
        "gp.n,#GP(0),n >= 2 && d,,n is large," + CITED);
    tables.file("svm/vendor.csv", "key,value", "vendor,svm", "name,AMD SVM");
    tables.file(
        "svm/intercepts.csv",
        "exit,field,bit,exit_code,code_name,condition,info.EXITINFO1,info.EXITINFO2,info.nRIP,"
            + "quiet,gate,meaning,source,provenance,note",
        "x,0x00C,14,0x6E,VMEXIT_X,,,,next_rip,0,,X," + CITED,
        "y,0x00C,15,0x6F,VMEXIT_Y,,,,next_rip,0,,Y," + CITED,
        "exc_gp,0x008,13,0x4D,VMEXIT_EXCEPTION_GP,,,,,1,,#GP," + CITED);
    tables.file(
        "svm/vmcb.csv",
        "field,offset,width,register,source,provenance,note",
        "intercept_misc1,0x00C,4,," + CITED,
        "exitinfo1,0x078,8,," + CITED,
        "exitinfo2,0x080,8,," + CITED,
        "nrip,0x0C8,8,," + CITED);
    tables.file(
        "svm/instructions/i.csv",
        "instruction,form,mnemonic,encoding,modes,gate,operand,checks,vary,effects,fixed,"
            + "source,provenance,note");
    return tables;
  }

  private void file(String name, String... lines) {
    files.put(name, String.join("\n", lines) + "\n");
  }

  private SmallTables plus(String name, String line) {
    files.merge(name, line + "\n", String::concat);
    return this;
  }

  /** Adds what holds in every state. */
  public SmallTables law(String expression, String reason) {
    return plus("common/constraints.csv", expression + "," + reason + "," + CITED);
  }

  /** Adds a form of that name in 64-bit mode only. */
  public SmallTables form(String name, String checks) {
    return form(name, "long64", checks, "");
  }

  public SmallTables form(String name, String modes, String checks, String vary) {
    return plus(
        "svm/instructions/i.csv",
        name + ",,NAME,0F 31," + modes + ",,," + checks + "," + vary + ",,," + CITED);
  }

  /** Adds a form with a mnemonic of any text. */
  public SmallTables formCalled(String name, String mnemonic, String checks) {
    String quoted = "\"" + mnemonic.replace("\"", "\"\"") + "\"";
    return plus(
        "svm/instructions/i.csv",
        name + ",," + quoted + ",0F 31,long64,,," + checks + ",,,," + CITED);
  }

  public Tables load() {
    try {
      return TableLoader.load("svm", List.of(this)).orThrow();
    } catch (TablesException e) {
      throw new AssertionError(e.getMessage(), e);
    }
  }

  @Override
  public List<String> files() {
    return List.copyOf(files.keySet());
  }

  @Override
  public byte[] read(String file, int limit) throws NoSuchFileException {
    String text = files.get(file);
    if (text == null) {
      throw new NoSuchFileException(file);
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return bytes.length > limit ? Arrays.copyOf(bytes, limit) : bytes;
  }

  @Override
  public String shown(String file) {
    return file;
  }
}
