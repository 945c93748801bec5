/**
 * Where the images of tasks come from. lib/infra/asset-images.ts builds them at publish; the emulator names local ones.
 */
import type { IRole } from 'aws-cdk-lib/aws-iam';

export interface ImageSource {
  /** Image of the driver that runs beside every model. */
  readonly driver: string;
  /** Image of a package. */
  readonly ofPackage: (packageId: string) => string;
  /** Lets the role pull them. */
  readonly allowPullBy: (role: IRole) => void;
}
