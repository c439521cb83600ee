import { type Daemon, EXTRACTED, write } from "../../daemon.ts";
import { smbd } from "../servers/files.ts";
import { dnsmasq } from "../servers/names.ts";
import { xinetd, xinetdService } from "../servers/network.ts";
import { socat } from "../servers/proxies.ts";
import { daemon, HOME, hidden, OWN, shell, TLS, tcp, udp, withRun } from "./entry.ts";
import { CONCH, SAMBA, SILENT, WEB } from "./products.ts";

/** Files of its own at /etc, for what reads them only there. */
const ownEtc = (script: string) => `cp -a /etc etc; mount --bind etc /etc\n${script}`;

/** Files, disks, backups and versions over the network. */
export const fileServers: Daemon[] = [
  daemon(
    "bbstored",
    "boxbackup-server",
    [2201],
    [hidden(tcp(["boxbackup", "ssl", "tls", ...SILENT], null, null, TLS), ["Box Backup"])],
    (place) =>
      shell(`mkdir r0; printf 'disc0\\n{\\n SetNumber = 0\\n BlockSize = 4096\\n Dir0 = %s/r0\\n Dir1 = %s/r0\\n Dir2 = %s/r0\\n}\\n' $PWD $PWD $PWD > raid.conf; touch accounts
exec bbstored -D -c ${write(place, "b.conf", `RaidFileConf = ${place.directory}/raid.conf\nAccountDatabase = ${place.directory}/accounts\nTimeBetweenHousekeeping = 900\nServer\n{\n PidFile = ${place.directory}/pid\n ListenAddresses = inet:127.0.0.1:${place.ports[0]}\n CertificateFile = ${place.certificate}\n PrivateKeyFile = ${place.privateKey}\n TrustedCAsFile = ${place.certificate}\n}\n`)}`),
  ),
  daemon(
    "dnsmasq tftp",
    "dnsmasq-base",
    [69],
    [hidden(udp("tftp", null), ["dnsmasq", "dnsmasq tftpd"])],
    () => dnsmasq(0, "--enable-tftp --tftp-root=$PWD"),
    OWN,
  ),
  daemon(
    "atftpd odd",
    "atftpd",
    [null],
    [udp("tftp", null, null, { product: ["Advanced Trivial FTP", "atftpd"] })],
    ({ ports: [p] }) =>
      shell(
        `exec ${EXTRACTED}/atftpd/usr/sbin/atftpd --daemon --no-fork --user root --bind-address 127.0.0.1 --port ${p} $PWD`,
      ),
  ),
  daemon(
    "atftpd",
    "atftpd",
    [null],
    [udp("tftp", ["atftpd"], null, { productHidden: true })],
    ({ ports, directory }) => ({
      argv: [
        `${EXTRACTED}/atftpd/usr/sbin/atftpd`,
        "--daemon",
        "--no-fork",
        "--port",
        `${ports[0]}`,
        "--bind-address",
        "127.0.0.1",
        "--user",
        "root.root",
        "--logfile",
        "-",
        directory,
      ],
    }),
  ),
  daemon(
    "bosserver",
    "openafs-fileserver",
    [7007],
    [udp(["afs", "afs3-bos", "rx"], ["OpenAFS"], "package")],
    () =>
      shell(
        ownEtc(
          `mkdir -p /etc/openafs/server etc2; echo lab.test > /etc/openafs/server/ThisCell; printf '>lab.test\\n127.0.0.1 #lab\\n' > /etc/openafs/server/CellServDB
mkdir -p /var/lib/openafs /var/log/openafs || true
exec env LD_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu ${EXTRACTED}/openafs-fileserver/usr/sbin/bosserver -nofork -noauth`,
        ),
      ),
    OWN,
  ),
  daemon("aioftp", "python3-aioftp", [null], [hidden(tcp("ftp", null), ["aioftp"])], ({ ports }) =>
    shell(`exec /usr/bin/python3 -m aioftp --host 127.0.0.1 --port ${ports[0]}`, HOME),
  ),
  daemon(
    "globus gridftp",
    "globus-gridftp-server-progs",
    [2811],
    [tcp("ftp", ["GridFTP Server", "Globus GridFTP Server", "Globus GridFTP"], "package")],
    ({ ports: [p] }) =>
      shell(
        `exec globus-gridftp-server -aa -p ${p} -control-interface 127.0.0.1 -anonymous-user nobody -single -c none`,
      ),
  ),
  daemon(
    "ftpd-ssl",
    "ftpd-ssl",
    [null],
    [tcp("ftp", ["Linux-ftpd", "OpenBSD ftpd", "Linux ftpd", "netkit ftpd", "Netkit FTP"])],
    (place) =>
      xinetd(place, [
        xinetdService(place.ports[0], "tcp", { server: `${EXTRACTED}/ftpd-ssl/usr/sbin/in.ftpd` }),
      ]),
  ),
  daemon(
    "twisted ftp and conch",
    "python3-twisted",
    [null, null],
    [
      tcp("ftp", ["Twisted ftpd", "Twisted", "TwistedFTP"], "package"),
      tcp("ssh", CONCH, "package", { at: 1 }),
    ],
    ({ ports: [ftp, ssh] }) => [
      shell(`mkdir -p root\nexec /usr/bin/twist3 ftp -p ${ftp} -r root`),
      shell(`ssh-keygen -q -t rsa -m PEM -N "" -f ssh_host_rsa_key
exec /usr/bin/twist3 conch -p tcp:${ssh}:interface=127.0.0.1 -d . --auth memory:a:b`),
    ],
  ),
  daemon("diod", "diod", [564], [hidden(tcp(["9pfs", "9p"], null), ["diod"])], ({ ports: [port] }) =>
    shell(`exec /usr/sbin/diod -f -n -c /dev/null -l 127.0.0.1:${port} -e $PWD -S`),
  ),
  daemon("nbdkit", "nbdkit", [null], [hidden(tcp(["nbd"], null), ["nbdkit"])], ({ ports: [port] }) =>
    shell(`exec /usr/bin/nbdkit -f -i 127.0.0.1 -p ${port} null`),
  ),
  daemon(
    "smbd",
    "samba",
    [445, null, 139],
    [
      tcp("microsoft-ds", SAMBA, null),
      tcp(["microsoft-ds", "netbios-ssn"], SAMBA, null, { at: 1 }),
      tcp(["netbios-ssn", "microsoft-ds"], SAMBA, null, { at: 2 }),
    ],
    (place) => smbd(place, "workgroup = LAB\nmap to guest = Bad User"),
  ),
  daemon(
    "nfs-ganesha",
    "nfs-ganesha",
    [2049, null, null, null],
    [tcp("nfs", null, null)],
    (place) =>
      withRun(`mkdir -p /run/ganesha rec
cat > g.conf <<X
NFS_Core_Param { NFS_Port = ${place.ports[0]}; MNT_Port = ${place.ports[1]}; Rquota_Port = ${place.ports[2]}; NLM_Port = ${place.ports[3]}; Protocols = 4; Enable_NLM = false; Enable_RQUOTA = false; }
NFSv4 { RecoveryRoot = $PWD/rec; Graceless = true; }
X
exec /usr/bin/ganesha.nfsd -F -f g.conf -L /dev/stdout -p $PWD/pid`),
    OWN,
  ),
  daemon(
    "opentracker udp",
    "opentracker",
    [null],
    [hidden(udp(["bittorrent-tracker", "bittorrent-udp-tracker", "acmsoda"], null), ["opentracker"])],
    ({ ports: [p] }) =>
      shell(`chmod 777 .\nexec /usr/bin/opentracker -i 127.0.0.1 -P ${p} -p ${p} -d $PWD -u nobody`),
  ),
  daemon(
    "opentracker",
    "opentracker",
    [6969],
    [tcp([...WEB, "acmsoda", "bittorrent-tracker"], ["opentracker"], null)],
    ({ ports: [p] }) =>
      shell(`chmod 777 .\nexec /usr/bin/opentracker -i 127.0.0.1 -p ${p} -d $PWD -u nobody`),
  ),
  daemon(
    "transmission dht",
    "transmission-daemon",
    [null, null],
    [hidden(udp(["bittorrent-dht", "dht", "bittorrent"], null), ["Transmission"])],
    ({ ports: [p, q] }) =>
      shell(`exec transmission-daemon -f -g $PWD -w $PWD --dht -P ${p} -p ${q} -i 127.0.0.1 --no-portmap`, {
        HOME: "/tmp",
      }),
    OWN,
  ),
  daemon(
    "inetutils-ftpd",
    "inetutils-ftpd",
    [null],
    [tcp("ftp", ["GNU Inetutils FTPd", "inetutils-ftpd", "GNU inetutils ftpd"], "package")],
    ({ ports: [p] }) => socat(p, `EXEC:${EXTRACTED}/inetutils-ftpd/usr/sbin/ftpd -p`),
  ),
  daemon("istgt", "istgt", [3260], [hidden(tcp("iscsi", null), ["istgt"])], ({ ports: [p] }) =>
    shell(
      `touch auth\nprintf '[Global]\\n NodeBase "iqn.2026-01.test.lab"\\n PidFile %s/pid\\n AuthFile %s/auth\\n[UnitControl]\\n AuthMethod Auto\\n Portal UC1 127.0.0.1:23261\\n Netmask 127.0.0.1\\n[PortalGroup1]\\n Portal DA1 127.0.0.1:${p}\\n[InitiatorGroup1]\\n InitiatorName "ALL"\\n Netmask 127.0.0.1/8\\n[LogicalUnit1]\\n TargetName t\\n Mapping PortalGroup1 InitiatorGroup1\\n UnitType Disk\\n LUN0 Storage %s/disk 10MB\\n' $PWD $PWD $PWD > i.conf\nexec /usr/sbin/istgt -D -c i.conf`,
    ),
  ),
  daemon(
    "git daemon",
    "git",
    [null],
    [tcp("git", ["git daemon", "git-daemon", "Git"], null)],
    ({ ports, directory }) => ({
      argv: [
        "/usr/bin/git",
        "daemon",
        "--listen=127.0.0.1",
        `--port=${ports[0]}`,
        `--base-path=${directory}`,
      ],
    }),
  ),
  daemon(
    "svnserve",
    "subversion",
    [null],
    [tcp(["svnserve", "svn"], ["Subversion", "svnserve"], null)],
    ({ ports, directory }) => ({
      argv: [
        "/usr/bin/svnserve",
        "-d",
        "--foreground",
        "--listen-host",
        "127.0.0.1",
        "--listen-port",
        `${ports[0]}`,
        "-r",
        directory,
      ],
    }),
  ),
  daemon(
    "bacula-fd",
    "bacula-fd",
    [null],
    [tcp("bacula", ["Bacula", "Bacula file daemon", "Bacula File Daemon"], null)],
    (place) => ({
      argv: [
        "/usr/sbin/bacula-fd",
        "-f",
        "-c",
        write(
          place,
          "fd.conf",
          `Director { Name = lab-dir\n Password = "x"\n}\nFileDaemon { Name = lab-fd\n FDport = ${place.ports[0]}\n FDAddress = 127.0.0.1\n WorkingDirectory = ${place.directory}\n Pid Directory = ${place.directory}\n Plugin Directory = /usr/lib/bacula\n}\nMessages { Name = Standard\n console = all\n}\n`,
        ),
      ],
    }),
  ),
  daemon(
    "bacula-sd",
    "bacula-sd",
    [9103],
    [
      tcp("bacula", ["Bacula", "Bacula storage daemon", "Bacula Storage Daemon"], null, {
        productHidden: true,
      }),
    ],
    (place) => ({
      argv: [
        "/usr/sbin/bacula-sd",
        "-f",
        "-c",
        write(
          place,
          "sd.conf",
          `Director { Name = lab-dir\n Password = "x"\n}\nStorage { Name = lab-sd\n SDport = ${place.ports[0]}\n SDAddress = 127.0.0.1\n WorkingDirectory = ${place.directory}\n Pid Directory = ${place.directory}\n}\nDevice { Name = d\n Media Type = File\n Archive Device = ${place.directory}\n}\nMessages { Name = Standard\n director = lab-dir = all\n}\n`,
        ),
      ],
    }),
  ),
  daemon(
    "nbd-server",
    "nbd-server",
    [null],
    [tcp("nbd", ["NBD server", "nbd-server"], null, { productHidden: true })],
    // Its one option for the foreground (-d) also serves the first client in the only process, which ends with that client.
    (place) => {
      const disk = write(place, "disk", "x".repeat(4096));
      write(
        place,
        "nbd.conf",
        `[generic]\n listenaddr = 127.0.0.1\n port = ${place.ports[0]}\n user = root\n group = root\n[x]\n exportname = ${disk}\n readonly = true\n`,
      );
      return shell(`trap 'kill $(cat pid)' TERM
/usr/bin/nbd-server -C $PWD/nbd.conf -p $PWD/pid
sleep infinity &
wait`);
    },
  ),
  daemon(
    "tgtd",
    "tgt",
    [3260],
    [
      tcp("iscsi", ["Linux SCSI target framework (tgt)", "tgt", "Linux SCSI target framework"], null, {
        productHidden: true,
      }),
    ],
    ({ ports }) =>
      withRun(`(sleep 1; tgtadm --lld iscsi --op new --mode target --tid 1 -T iqn.2001-04.test.lab:disk; tgtadm --lld iscsi --op bind --mode target --tid 1 -I ALL) &
exec /usr/sbin/tgtd -f --iscsi portal=127.0.0.1:${ports[0]}`),
    OWN,
  ),
  daemon(
    "pyftpdlib",
    "python3-pyftpdlib",
    [null],
    [tcp("ftp", ["pyftpdlib"], "package")],
    ({ ports, directory }) => ({
      argv: ["/usr/bin/python3", "-m", "pyftpdlib", "-i", "127.0.0.1", "-p", `${ports[0]}`, "-d", directory],
    }),
  ),
  daemon(
    "qemu-nbd",
    "qemu-utils",
    [null],
    [hidden(tcp("nbd", null), ["QEMU", "qemu-nbd"])],
    ({ ports: [p] }) =>
      shell(`truncate -s 1M disk\nexec qemu-nbd -t -e 20 -r -p ${p} -b 127.0.0.1 -f raw disk`),
  ),
  daemon("bzr serve", "brz", [4155], [tcp(["bzr", "bazaar"], ["Bazaar", "Breezy"])], ({ ports: [p] }) =>
    shell(`exec /usr/bin/brz serve --bzr --listen=127.0.0.1 --port=${p} --directory=$PWD`, HOME),
  ),
  daemon(
    "cvs pserver",
    "cvs",
    [null],
    [tcp(["cvspserver", "cvs"], ["CVS pserver", "CVS", "Concurrent Versions System"])],
    ({ ports: [p] }) =>
      shell(
        `mkdir repo; cvs -d $PWD/repo init
exec socat TCP-LISTEN:${p},bind=127.0.0.1,reuseaddr,fork EXEC:"/usr/bin/cvs --allow-root=$PWD/repo pserver",stderr`,
      ),
  ),
  daemon("unison", "unison", [null], [tcp("unison", ["Unison"])], ({ ports: [p] }) =>
    shell(`exec /usr/bin/unison -socket ${p} -listen 127.0.0.1`, HOME),
  ),
  daemon(
    "csync2",
    "csync2",
    [30865],
    [tcp("csync2", "csync2")],
    ({ ports: [p] }) => shell(`mkdir db; exec /usr/sbin/csync2 -ii -v -p ${p} -D $PWD/db -N localhost`),
    OWN,
  ),
  daemon(
    "isnsd",
    "open-isns-server",
    [3205],
    [hidden(tcp(["isns", ...SILENT], null), ["Open-iSNS"])],
    ({ directory }) =>
      shell(`printf 'Database=${directory}/db\\nSecurity=0\\nPIDFile=${directory}/pid\\nControlSocket=${directory}/ctl\\nSourceName=iqn.2005-01.org.open-iscsi:test\\n' > c
exec isnsd -f -c c`),
    OWN,
  ),
  daemon(
    "xrootd",
    "xrootd-server",
    [1094],
    [tcp(["xrootd", "rootd"], ["XRootD", "xrootd"], null)],
    (place) =>
      shell(
        `chmod 777 .; exec setpriv --reuid=nobody --regid=nogroup --clear-groups xrootd -l $PWD/log -p ${place.ports[0]} -c ${write(place, "c", `all.export /tmp\nall.adminpath ${place.directory}\nall.pidpath ${place.directory}\n`)}`,
      ),
    OWN,
  ),
  daemon(
    "partimaged",
    "partimage-server",
    [4025],
    [tcp(["partimage"], ["partimaged", "Partimage"], null)],
    ({ ports }) =>
      shell(`export TERM=xterm; partimaged -p ${ports[0]} -L -g0 -d $PWD || exec partimaged -p ${ports[0]}`),
    OWN,
  ),
  daemon(
    "ftp-proxy",
    "ftp-proxy",
    [2121],
    [tcp("ftp", ["ftp-proxy", "SUSE ftp-proxy", "SuSE ftp-proxy"], "package")],
    (place) =>
      shell(
        `exec ftp-proxy -d -n -f ${write(place, "c", `[-Global-]\nServerType standalone\nListen 127.0.0.1\nPort ${place.ports[0]}\nUser nobody\nGroup nogroup\nDestinationAddress 127.0.0.1\nDestinationPort 9\n`)} || exec ftp-proxy -d -f $PWD/c`,
      ),
  ),
];
