import { type Daemon, write } from "../../daemon.ts";
import { asNobody, python3 } from "../servers/languages.ts";
import { tigervnc, xrdp, xrdpTls } from "../servers/network.ts";
import { daemon, HOME, hidden, OWN, shell, tcp, udp, withRun } from "./entry.ts";
import { RDP, SILENT, WEB } from "./products.ts";

/** A display of its own for what must show something; waits until it is there. */
const display = (n: number) =>
  `mkdir t; mount --bind t /tmp\nXvfb :${n} -screen 0 320x240x24 -nolisten tcp & until [ -e /tmp/.X11-unix/X${n} ]; do sleep 0.2; done\n`;

/** Screens, emulators, consoles, instruments and buses. */
export const machines: Daemon[] = [
  daemon(
    "knxd",
    "knxd",
    [6720],
    [hidden(tcp(["knxd", "knx", "eibd", ...SILENT], null), ["knxd"])],
    ({ ports }) => shell(`exec knxd -e 0.0.1 -E 0.0.2:8 -i${ports[0]} -b dummy:`),
    OWN,
  ),
  daemon("xpra", "xpra", [null], [tcp(["xpra", ...WEB], ["Xpra"], null)], ({ ports, directory }) =>
    shell(
      `mkdir -m 700 r; exec xpra start :77 --bind-tcp=127.0.0.1:${ports[0]} --daemon=no --mdns=no --notifications=no --pulseaudio=no --dbus-proxy=no --dbus-launch= --auth=none --html=off --xvfb='Xvfb -screen 0 640x480x24 -nolisten tcp -noreset' --socket-dirs=$PWD/r`,
      { HOME: directory, XDG_RUNTIME_DIR: `${directory}/r` },
    ),
  ),
  daemon(
    "qemu's VNC with a password",
    "qemu-system-x86",
    [5907],
    [hidden(tcp("vnc", null), ["QEMU", "QEMU VNC"])],
    () =>
      shell(
        "exec qemu-system-x86_64 -nodefaults -S -vga std -m 16 -vnc 127.0.0.1:7,password=on -monitor none",
      ),
    OWN,
  ),
  daemon(
    "qemu's screen by SPICE",
    "qemu-system-x86",
    [null],
    [tcp("spice", ["SPICE server", "SPICE", "QEMU"])],
    ({ ports }) =>
      shell(
        `exec qemu-system-x86_64 -M none -nodefaults -display none -S -spice port=${ports[0]},addr=127.0.0.1,disable-ticketing=on`,
      ),
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
    "ipmi_sim",
    "openipmi",
    [null],
    [hidden(udp(["asf-rmcp", "ipmi"], null), ["OpenIPMI", "ipmi_sim"])],
    ({ ports: [p] }) =>
      shell(`cat > l.conf <<X
name "lab"
set_working_mc 0x20
  startlan 1
    addr 127.0.0.1 ${p}
    priv_limit admin
    allowed_auths_callback none md2 md5 straight
    allowed_auths_user none md2 md5 straight
    allowed_auths_operator none md2 md5 straight
    allowed_auths_admin none md2 md5 straight
    guid a123456789abcdefa123456789abcdef
  endlan
user 1 true "" "test" user 10 none md2 md5 straight
X
printf 'mc_setbmc 0x20\\nmc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr\\nmc_enable 0x20\\n' > c.emu
exec ipmi_sim -n -c $PWD/l.conf -f $PWD/c.emu -s $PWD`),
  ),
  daemon(
    "pymodbus udp",
    "python3-pymodbus",
    [null],
    [hidden(udp("modbus", null), ["Pymodbus", "pymodbus"])],
    ({ ports: [p] }) =>
      python3(
        `from pymodbus.server import StartUdpServer\nfrom pymodbus.datastore import ModbusSlaveContext, ModbusServerContext\nStartUdpServer(context=ModbusServerContext(slaves=ModbusSlaveContext(), single=True), address=("127.0.0.1", ${p}))`,
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
  daemon("coap odd", "libcoap3-bin", [null], [hidden(udp("coap", null), ["libcoap"])], ({ ports: [p] }) =>
    shell(`exec /usr/bin/coap-server-openssl -A 127.0.0.1 -p ${p}`),
  ),
  daemon("coap-server", "libcoap3-bin", [5683], [udp("coap", ["libcoap"])], ({ ports: [port] }) =>
    shell(
      `exec /usr/bin/coap-server-openssl -A 127.0.0.1 -p ${port} || exec /usr/bin/coap-server -A 127.0.0.1 -p ${port}`,
    ),
  ),
  daemon("conman", "conman", [7891], [hidden(tcp("conman", null), ["ConMan"])], ({ ports: [p] }) =>
    shell(
      `printf 'server keepalive=on\\nserver loopback=on\\nserver port=${p}\\nserver pidfile="%s/pid"\\nconsole name="x" dev="/bin/cat"\\n' $PWD > c.conf\nexec conmand -F -c c.conf`,
    ),
  ),
  daemon(
    "lircd",
    "lirc",
    [8765],
    [tcp(["lirc", "lircd"], ["LIRC", "lircd"], "package")],
    ({ ports: [port] }) =>
      withRun(`mkdir -p /run/lirc
echo > l.conf
exec /usr/sbin/lircd -n -H udp -d 28765 --listen=127.0.0.1:${port} -o /run/lirc/s -P /run/lirc/p l.conf`),
  ),
  daemon(
    "rigctld",
    "libhamlib-utils",
    [4532],
    [hidden(tcp(["rigctl", "rigctld", "hamlib"], null), ["Hamlib rigctld", "rigctld", "Hamlib"])],
    ({ ports: [port] }) => shell(`exec /usr/bin/rigctld -m 1 -T 127.0.0.1 -t ${port}`),
  ),
  daemon(
    "lcdproc",
    "lcdproc",
    [13666],
    [tcp(["lcdproc"], ["LCDproc", "LCDd"], "package")],
    ({ ports: [port] }) =>
      shell(`printf '[server]\\nDriverPath=/usr/lib/x86_64-linux-gnu/lcdproc/\\nDriver=curses\\nBind=127.0.0.1\\nPort=${port}\\nUser=root\\nForeground=yes\\n[curses]\\nSize=20x4\\n' > l.conf
export TERM=xterm
exec script -qec "/usr/sbin/LCDd -f -c $PWD/l.conf" /dev/null`),
  ),
  daemon(
    "owhttpd",
    "owhttpd",
    [2123],
    [tcp(WEB, ["OWFS owhttpd", "OWFS", "owhttpd", "1-Wire"])],
    ({ ports: [port] }) => shell(`exec /usr/bin/owhttpd --foreground --fake=28 -p 127.0.0.1:${port}`),
  ),
  daemon(
    "boinc",
    "boinc-client",
    [31416],
    [tcp(["boinc", "boinc-client"], ["BOINC", "BOINC client"], "package")],
    ({ ports: [port] }) =>
      shell(
        `echo secret > gui_rpc_auth.cfg
chmod 600 gui_rpc_auth.cfg
exec /usr/bin/boinc --dir $PWD --no_gpus --gui_rpc_port ${port} --suppress_net_info`,
        HOME,
      ),
  ),
  daemon(
    "conserver",
    "conserver-server",
    [3109],
    [hidden(tcp(["conserver", "console"], null), ["conserver"])],
    ({ ports: [port] }) =>
      shell(`printf 'console lab { type exec; exec cat; master localhost; }\\naccess * { allowed 127.0.0.1; }\\n' > c.cf
exec /usr/sbin/conserver -C c.cf -M 127.0.0.1 -p ${port} -P /dev/null -L $PWD/l -n`),
  ),
  daemon(
    "brltty",
    "brltty",
    [4101],
    [tcp(["brlapi", "brltty"], ["BRLTTY", "BrlAPI"])],
    () =>
      shell(
        `exec brltty -n -E -f /dev/null -b no -s no -x no -A host=127.0.0.1:0,auth=none -P $PWD/pid -U $PWD -W $PWD`,
      ),
    OWN,
  ),
  daemon(
    "usbipd",
    "usbip",
    [3240],
    [hidden(tcp("usbip", null), ["usbipd", "USB/IP", "usbip"])],
    ({ ports: [p] }) => shell(`exec /usr/sbin/usbipd -4 -t${p}`),
    OWN,
  ),
  daemon(
    "libvirtd",
    "libvirt-daemon",
    [16509],
    [tcp(["libvirt", "libvirt-rpc"], ["libvirt", "libvirtd"])],
    (place) =>
      withRun(
        `exec /usr/sbin/libvirtd -l -p $PWD/pid -f ${write(place, "l.conf", `listen_tls = 0\nlisten_tcp = 1\nlisten_addr = "127.0.0.1"\ntcp_port = "${place.ports[0]}"\nauth_tcp = "none"\nauth_unix_rw = "none"\nauth_unix_ro = "none"\nunix_sock_dir = "${place.directory}"\n`)}`,
        { HOME: place.directory },
      ),
    OWN,
  ),
  daemon(
    "tigervnc",
    "tigervnc-standalone-server",
    [5907],
    [hidden(tcp("vnc", null), ["TigerVNC"])],
    ({ ports: [p] }) => tigervnc(97, p, "None"),
  ),
  daemon(
    "gpsd",
    "gpsd",
    [2947],
    [tcp("gpsd", ["gpsd"], "package")],
    ({ ports, directory }) => ({
      argv: ["/usr/sbin/gpsd", "-N", "-n", "-F", `${directory}/gpsd.sock`, "-S", `${ports[0]}`],
    }),
    OWN,
  ),
  daemon(
    "xvfb",
    "xvfb",
    [6001],
    [tcp("x11", ["X.Org X11", "X.Org", "X.Org Xvfb"], null)],
    () =>
      shell(
        "mount -t tmpfs tmpfs /tmp\nmkdir /tmp/.X11-unix\nexec Xvfb :1 -listen tcp -ac -nolisten local -nolisten unix",
      ),
    OWN,
  ),
  daemon(
    "xdm",
    "xdm",
    [177],
    [hidden(udp("xdmcp", null), ["xdm", "XDMCP"])],
    ({ ports, directory }) =>
      shell(`printf '*\\n* CHOOSER BROADCAST\\n' > X; touch S; mkdir a
cat > x.conf <<X
DisplayManager.errorLogFile: ${directory}/log
DisplayManager.pidFile: ${directory}/pid
DisplayManager.accessFile: ${directory}/X
DisplayManager.servers: ${directory}/S
DisplayManager.authDir: ${directory}/a
DisplayManager.requestPort: ${ports[0]}
X
exec /usr/bin/xdm -nodaemon -udpPort ${ports[0]} -config x.conf`),
    OWN,
  ),
  daemon("xrdp", "xrdp", [3389], [tcp(RDP, ["xrdp"], null, { productHidden: true })], (place) =>
    xrdp(place, xrdpTls(place)),
  ),
  daemon(
    "indiserver",
    "indi-bin",
    [7624],
    [tcp("indi", ["INDI", "indiserver", "INDI server"])],
    ({ ports: [p] }) => shell(`exec indiserver -p ${p} indi_simulator_telescope`, HOME),
    OWN,
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
    OWN,
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
    OWN,
  ),
  daemon(
    "owserver",
    "owserver",
    [4304, null],
    [hidden(tcp("owserver", null), ["OWFS owserver", "owserver", "OWFS"])],
    ({ ports: [p] }) => shell(`exec owserver --fake 10 -p 127.0.0.1:${p} --foreground --pid_file $PWD/pid`),
  ),
];
