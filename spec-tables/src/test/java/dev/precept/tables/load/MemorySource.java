package dev.precept.tables.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Tables in memory: a small sound set, of which tests replace or extend files. */
public final class MemorySource implements TableSource {
  public static final String CITED = "APM2 15.9,manual,";

  private final Map<String, byte[]> files = new TreeMap<>();

  /** Nothing at all. */
  public static MemorySource empty() {
    return new MemorySource();
  }

  /** RDTSC with its checks: enough to be loaded without a problem. */
  public static MemorySource rdtsc() {
    return empty()
        .with(
            "common/documents.csv",
            "document,title,number,revision,source,provenance,note",
            "APM2,System Programming,24593,3.44,APM2,manual,")
        .with(
            "common/variables.csv",
            "variable,values,quiet,place,when,meaning,source,provenance,note",
            "mode,real v86 prot16 prot32 compat long64,long64,builder:mode,,mode," + CITED,
            "guest,0 1,1,builder:mode,,in a guest," + CITED,
            "cpl,0 1 2 3,0,builder:mode,mode != real,privilege," + CITED,
            "cr4.tsd,0 1,0,cr4[2],,time-stamp disable," + CITED)
        .with(
            "common/definitions.csv",
            "name,expression,meaning,source,provenance,note",
            "user,cpl != 0,not privileged," + CITED)
        .with(
            "common/constraints.csv",
            "constraint,reason,source,provenance,note",
            "mode == v86 -> cpl == 3,virtual-8086 mode runs at CPL 3," + CITED)
        .with(
            "common/checks.csv",
            "check,result,condition,writes,meaning,source,provenance,note",
            "gp.tsd,#GP(0),user && cr4.tsd,,RDTSC is privileged," + CITED)
        .with("svm/vendor.csv", "key,value", "vendor,svm", "name,AMD SVM", "control_block,VMCB")
        .with(
            "svm/intercepts.csv",
            "exit,field,bit,exit_code,code_name,condition,info.EXITINFO1,info.EXITINFO2,info.nRIP,"
                + "quiet,gate,meaning,source,provenance,note",
            "rdtsc,0x00C,14,0x6E,VMEXIT_RDTSC,,,,next_rip,0,,RDTSC," + CITED)
        .with(
            "svm/vmcb.csv",
            "field,offset,width,register,source,provenance,note",
            "intercept_misc1,0x00C,4,," + CITED,
            "exitinfo1,0x078,8,," + CITED,
            "exitinfo2,0x080,8,," + CITED,
            "nrip,0x0C8,8,," + CITED,
            "rax,0x5F8,8,RAX," + CITED)
        .with(
            "svm/instructions/tsc.csv",
            "instruction,form,mnemonic,encoding,modes,gate,operand,checks,vary,effects,fixed,"
                + "source,provenance,note",
            "rdtsc,,RDTSC,0F 31,all,,,gp.tsd > exit.rdtsc,,rax := ?; rdx := ?,," + CITED);
  }

  public MemorySource with(String file, String... lines) {
    return with(file, (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
  }

  public MemorySource with(String file, byte[] bytes) {
    files.put(file, bytes);
    return this;
  }

  /** Adds lines to a file that is there. */
  public MemorySource plus(String file, String... lines) {
    String before = new String(files.get(file), StandardCharsets.UTF_8);
    return with(file, (before + String.join("\n", lines)).split("\n"));
  }

  /** Replaces text in a file that has it. */
  public MemorySource replacing(String file, String old, String by) {
    String before = new String(files.get(file), StandardCharsets.UTF_8);
    if (!before.contains(old)) {
      throw new IllegalArgumentException(file + " has no " + old);
    }
    return with(file, before.replace(old, by).getBytes(StandardCharsets.UTF_8));
  }

  public LoadResult load() {
    return TableLoader.load("svm", List.of(this));
  }

  /** What the loader says of it, one line a problem. */
  public List<String> problems() {
    return load().problems().stream().map(Problem::toString).toList();
  }

  @Override
  public List<String> files() {
    return List.copyOf(files.keySet());
  }

  @Override
  public byte[] read(String file, int limit) throws IOException {
    byte[] bytes = files.get(file);
    if (bytes == null) {
      throw new NoSuchFileException(file);
    }
    return bytes.length > limit ? Arrays.copyOf(bytes, limit) : bytes;
  }

  @Override
  public String shown(String file) {
    return file;
  }
}
