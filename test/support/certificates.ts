import { fileURLToPath } from 'node:url';

const file = (name: string): string => fileURLToPath(new URL(`certificates/${name}`, import.meta.url));

interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** Paths of PEM files; `certificates/make.sh` made them. */
export const authority: string = file('ca.pem');
/** Did not sign any of them. */
export const otherAuthority: string = file('other-ca.pem');
/** For 127.0.0.1 and localhost. */
export const serverCertificate: KeyPair = { cert: file('server.pem'), key: file('server-key.pem') };
/** Common name: `swansong test client`. */
export const clientCertificate: KeyPair = { cert: file('client.pem'), key: file('client-key.pem') };
