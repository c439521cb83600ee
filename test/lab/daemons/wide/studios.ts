import type { Daemon } from "../../daemon.ts";
import { daemon, HOME, hidden, shell, tcp } from "./entry.ts";
import { WEB } from "./servers.ts";

/** A display of its own for what must show something; waits until it is there. */
const display = (n: number) =>
  `mkdir t; mount --bind t /tmp\nXvfb :${n} -screen 0 320x240x24 -nolisten tcp & until [ -e /tmp/.X11-unix/X${n} ]; do sleep 0.2; done\n`;
const asNobody = (script: string) =>
  shell(`chmod 777 .; exec setpriv --reuid nobody --regid nogroup --clear-groups sh -ec '${script}'`, HOME);

/** Sound, pictures, screens, machines and instruments. */
export const studioDaemons: Daemon[] = [
  daemon("mopidy", "mopidy", [null], [tcp(WEB, ["Mopidy", "Tornado httpd"])], ({ ports: [p] }) =>
    shell(
      `exec mopidy -o http/hostname=127.0.0.1 -o http/port=${p} -o http/zeroconf= -o core/data_dir=$PWD/d -o core/cache_dir=$PWD/c -o core/config_dir=$PWD/f`,
      HOME,
    ),
  ),
  daemon(
    "vlc telnet",
    "vlc-bin",
    [4212],
    [tcp(["telnet", "vlc", "vlc-telnet"], ["VLC media player", "VLC"])],
    ({ ports: [p] }) =>
      asNobody(`exec /usr/bin/cvlc -I telnet --telnet-host 127.0.0.1 --telnet-port ${p} --telnet-password x`),
  ),
  daemon(
    "vlc http",
    "vlc-bin",
    [null],
    [tcp(WEB, ["VLC media player http interface", "VLC media player", "VLC"])],
    ({ ports: [p] }) =>
      asNobody(`exec /usr/bin/cvlc -I http --http-host 127.0.0.1 --http-port ${p} --http-password x`),
  ),
  daemon(
    "ecasound",
    "ecasound",
    [null],
    [hidden(tcp(["ecasound", "ecasound-eci"], null), ["Ecasound"])],
    ({ ports: [p] }) =>
      shell(`exec sh -c 'sleep 10000 | ecasound -c -i null -o null --server --server-tcp-port=${p}'`, {
        ...HOME,
        TERM: "dumb",
      }),
  ),
  daemon("festival", "festival", [1314], [hidden(tcp("festival", null), ["Festival"])], ({ ports: [p] }) =>
    shell(
      `exec festival --server '(set! server_port ${p})' '(set! server_access_list (list "localhost" "lab" "127.0.0.1"))'`,
    ),
  ),
  daemon("fluidsynth", "fluidsynth", [9800], [tcp("fluidsynth", ["FluidSynth"])], ({ ports: [p] }) =>
    shell(
      `exec fluidsynth -a file -m alsa_seq -o audio.file.name=/dev/null -o midi.driver= -i -s -o shell.port=${p}`,
    ),
  ),
  daemon(
    "orthanc",
    "orthanc",
    [null, 4242],
    [
      tcp(WEB, ["Orthanc"], "package"),
      hidden(tcp(["dicom", "acr-nema"], null, null, { at: 1 }), ["Orthanc", "DCMTK"]),
    ],
    ({ ports: [p, q] }) =>
      shell(
        `echo '{"HttpPort":${p},"DicomPort":${q},"StorageDirectory":"d","IndexDirectory":"d","RemoteAccessAllowed":true,"AuthenticationEnabled":false}' > o.json\nexec Orthanc o.json`,
      ),
    { needsOwnNetwork: true },
  ),
  daemon(
    "storescp",
    "dcmtk",
    [null],
    [tcp(["dicom", "acr-nema"], ["DCMTK", "OFFIS DCMTK"], "package")],
    ({ ports: [p] }) => shell(`exec storescp ${p}`),
    { needsOwnNetwork: true },
  ),
  daemon(
    "indiserver",
    "indi-bin",
    [7624],
    [tcp("indi", ["INDI", "indiserver", "INDI server"])],
    ({ ports: [p] }) => shell(`exec indiserver -p ${p} indi_simulator_telescope`, HOME),
    { needsOwnNetwork: true },
  ),
  daemon(
    "qemu",
    "qemu-system-x86",
    [null, null, 5907],
    [
      tcp(["qmp", "qemu-qmp"], ["QEMU", "QEMU QMP"]),
      tcp(["qemu-monitor", "qemu-hmp", "telnet"], ["QEMU", "QEMU monitor"], null, { at: 1 }),
      hidden(tcp("vnc", null, null, { at: 2 }), ["VNC", "QEMU", "QEMU VNC"]),
    ],
    ({ ports: [p, q, r] }) =>
      shell(
        `exec qemu-system-x86_64 -M none -display none -qmp tcp:127.0.0.1:${p},server=on,wait=off -monitor tcp:127.0.0.1:${q},server=on,wait=off -vnc 127.0.0.1:${(r ?? 5900) - 5900}`,
      ),
  ),
  daemon(
    "qemu-nbd",
    "qemu-utils",
    [null],
    [hidden(tcp("nbd", null), ["QEMU", "qemu-nbd"])],
    ({ ports: [p] }) =>
      shell(`truncate -s 1M disk\nexec qemu-nbd -t -e 20 -r -p ${p} -b 127.0.0.1 -f raw disk`),
  ),
  daemon(
    "hercules",
    "hercules",
    [3270],
    [hidden(tcp(["telnet", "tn3270"], null), ["Hercules"])],
    ({ ports: [p] }) =>
      shell(
        `printf 'CPUSERIAL 000611\\nCPUMODEL 3090\\nMAINSIZE 2\\nNUMCPU 1\\nARCHMODE S/370\\nCNSLPORT ${p}\\n0009 3215-C /\\n0010 3270\\n' > h.cnf\nexec sh -c 'sleep 10000 | hercules -d -f h.cnf'`,
      ),
    { needsOwnNetwork: true },
  ),
  daemon(
    "openocd",
    "openocd",
    [4444, null],
    [
      tcp(["telnet", "openocd"], ["OpenOCD", "Open On-Chip Debugger"]),
      hidden(tcp(["openocd-tcl", "openocd", "tcl"], null, null, { at: 1 }), [
        "OpenOCD",
        "Open On-Chip Debugger",
      ]),
    ],
    ({ ports: [p, q] }) =>
      shell(
        `exec openocd -c 'bindto 127.0.0.1; telnet_port ${p}; tcl_port ${q}; gdb_port disabled; adapter driver dummy; adapter speed 100; transport select jtag; jtag newtap x cpu -irlen 4'`,
      ),
  ),
  daemon(
    "pymodbus",
    "python3-pymodbus",
    [null],
    [hidden(tcp("modbus", null), ["Pymodbus", "pymodbus"])],
    ({ ports: [p] }) =>
      shell(`cat > m.py <<X
from pymodbus.server import StartTcpServer
from pymodbus.datastore import ModbusSlaveContext, ModbusServerContext
StartTcpServer(context=ModbusServerContext(slaves=ModbusSlaveContext(), single=True), address=("127.0.0.1", ${p}))
X
exec /usr/bin/python3 m.py`),
  ),
  daemon("x11vnc", "x11vnc", [null], [hidden(tcp("vnc", null), ["VNC", "x11vnc"])], ({ ports: [p] }) =>
    shell(
      `${display(61)}exec x11vnc -display :61 -nopw -forever -shared -listen 127.0.0.1 -rfbport ${p}`,
      HOME,
    ),
  ),
  daemon(
    "freerdp shadow",
    "freerdp2-shadow-x11",
    [null],
    [hidden(tcp("ms-wbt-server", null), ["FreeRDP", "Microsoft Terminal Service"])],
    ({ ports: [p] }) =>
      shell(
        `${display(62)}export DISPLAY=:62\nexec freerdp-shadow-cli /port:${p} /bind-address:127.0.0.1 -auth`,
        {
          HOME: "/root",
        },
      ),
  ),
  daemon(
    "olad",
    "ola",
    [null],
    [tcp(WEB, ["OLA", "Open Lighting Architecture", "olad"])],
    ({ ports: [p] }) => asNobody(`mkdir c; exec olad -c $PWD/c -p ${p} -i lo`),
    { needsOwnNetwork: true },
  ),
  daemon(
    "owserver",
    "owserver",
    [4304, null],
    [hidden(tcp("owserver", null), ["OWFS owserver", "owserver", "OWFS"])],
    ({ ports: [p] }) => shell(`exec owserver --fake 10 -p 127.0.0.1:${p} --foreground --pid_file $PWD/pid`),
  ),
];
